"""By what imports are selected: one declaration for commands, admin and API.

A filter's name is that of the API. Whoever selects imports acts on all of them, so a
filter that is unknown, empty or means nothing is an error: it never selects more.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from imports.formats import FORMATS
from imports.models import ImportQuerySet
from scores.games import GAMES, PLAYTYPES
from scores.models import Score
from tachi.accounts.models import PREFIX_LENGTH, User
from tachi.api.filters import (
    BadFilter,
    ChoiceFilter,
    StrictFilterSet,
    TextFilter,
    TimeFilter,
    YesNoFilter,
    choices,
)
from tachi.api.times import TIME_EXAMPLE

__all__ = ["BadFilter", "ImportFilterSet", "TextFilter", "TimeFilter", "option"]


class UserField(forms.CharField):
    """The name of a user, in any case."""

    def clean(self, value: Any) -> User:
        name = super().clean(value)
        user = User.objects.named(name)
        if user is None:
            raise ValidationError(f"There is no user {name!r}.")
        return user


class TokenField(forms.CharField):
    """An API token, of which only the beginning is stored in clear."""

    def clean(self, value: Any) -> str:
        return super().clean(value)[:PREFIX_LENGTH]


class UserFilter(TextFilter):
    field_class, metavar = UserField, "NAME"


class TokenFilter(TextFilter):
    field_class, metavar = TokenField, "PREFIX"


class ErrorsFilter(ChoiceFilter):
    """Imports some of whose rows were not imported; yes is the only value."""

    def filter(self, qs: ImportQuerySet, value: str) -> ImportQuerySet:
        return qs.exclude(errors=[])


class PlaytypeFilter(ChoiceFilter):
    """Imports that own scores of the playtype now."""

    def filter(self, qs: ImportQuerySet, value: str) -> ImportQuerySet:
        gpts = [gpt for gpt in GAMES if gpt.partition(":")[2] == value]
        scores = Score.objects.filter(source_import=OuterRef("pk"), gpt__in=gpts)
        return qs.filter(Exists(scores))


class ImportFilterSet(StrictFilterSet):
    """The filters; several narrow each other down.

    `label` is what a filter is called, `help_text` how its value is written.
    """

    user = UserFilter(label="user", help_text="name")
    since = TimeFilter(
        "received_at", "gte", label="received since", help_text=TIME_EXAMPLE
    )
    until = TimeFilter(
        "received_at", "lt", label="received before", help_text=TIME_EXAMPLE
    )
    userAgent = TextFilter(
        "user_agent", "icontains", label="user agent", help_text="part of its name"
    )
    token = TokenFilter(
        "token__prefix",
        "startswith",
        label="API token",
        help_text=f"its first {PREFIX_LENGTH} digits",
    )
    service = TextFilter(
        label="service", help_text="exactly as it was sent", strip=False
    )
    importType = ChoiceFilter("import_type", label="type", **choices(sorted(FORMATS)))
    game = ChoiceFilter(label="game", **choices(sorted(PLAYTYPES)))
    playtype = PlaytypeFilter(
        label="playtype",
        **choices(sorted({each for of in PLAYTYPES.values() for each in of})),
    )
    intent = YesNoFilter(
        "user_intent", label="sent on purpose", **choices(["yes", "no"])
    )
    hasErrors = ErrorsFilter(label="has errors", **choices(["yes"]))


def option(name: str) -> str:
    """A filter as an option of commands: `importType` is `--import-type`."""
    return "--" + re.sub("([A-Z])", r"-\1", name).lower()
