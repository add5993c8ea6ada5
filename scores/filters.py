"""By what scores and sessions are selected, beside their player and game.

Their lists ignore parameters that they do not know, as Tachi's do; a value that means
nothing is an error.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from scores.models import Score
from tachi.api.filters import (
    ChoiceFilter,
    StrictFilterSet,
    TextFilter,
    TimeFilter,
    choices,
)
from tachi.api.times import TIME_EXAMPLE, milliseconds

#: `imports.formats.FORMATS`, which is in a higher room; a test compares them.
IMPORT_TYPES = (
    "file/batch-manual",
    "file/eamusement-iidx-csv",
    "file/pli-iidx-csv",
    "file/eamusement-sdvx-csv",
    "file/solid-state-squad",
    "file/mypagescraper-records-csv",
    "file/mypagescraper-player-csv",
    "file/mer-iidx",
    "ir/direct-manual",
    "ir/barbatos",
    "ir/beatoraja",
    "ir/fervidex",
    "ir/fervidex-static",
    "ir/kshook-sv6c",
    "ir/kshook-sv6c-static",
    "ir/lr2hook",
    "ir/usc",
)
#: What an import adds to the service that it was sent.
SUFFIXES = ("", " (BATCH-MANUAL)", " (DIRECT-MANUAL)")


class PlayedFilter(TimeFilter):
    """By a column with unix milliseconds. Plays of unknown time are left out."""

    def condition(self, value: datetime) -> Q:
        return super().condition(milliseconds(value))


class ServiceFilter(TextFilter):
    """By the service as scores show it, or as it was sent, without the suffix."""

    def condition(self, value: str) -> Q:
        return Q(service__in=[value + suffix for suffix in SUFFIXES])


class ServiceOfScoresFilter(ServiceFilter):
    """Sessions some of whose scores are of the service."""

    def condition(self, value: str) -> Q:
        scores = Score.objects.filter(session=OuterRef("pk"))
        return Q(Exists(scores.filter(super().condition(value))))


class TypeOfScoresFilter(ChoiceFilter):
    """Sessions some of whose scores came by an import of the type."""

    def condition(self, value: str) -> Q:
        scores = Score.objects.filter(session=OuterRef("pk"), import_type=value)
        return Q(Exists(scores))


class ScoreFilterSet(StrictFilterSet):
    """Scores, by what their documents show."""

    service = ServiceFilter(label="service", strip=False)
    importType = ChoiceFilter("import_type", label="type", **choices(IMPORT_TYPES))
    since = PlayedFilter(
        "time_achieved", "gte", label="played since", help_text=TIME_EXAMPLE
    )
    until = PlayedFilter(
        "time_achieved", "lt", label="played before", help_text=TIME_EXAMPLE
    )


class SessionFilterSet(StrictFilterSet):
    """A session is of the time in which something was played: it may overlap both."""

    service = ServiceOfScoresFilter(label="service", strip=False)
    importType = TypeOfScoresFilter(label="type", **choices(IMPORT_TYPES))
    since = PlayedFilter(
        "time_ended", "gte", label="played since", help_text=TIME_EXAMPLE
    )
    until = PlayedFilter(
        "time_started", "lt", label="played before", help_text=TIME_EXAMPLE
    )
