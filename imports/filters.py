"""By what imports are selected: one declaration for commands, admin and API.

A filter's name is that of the API. Whoever selects imports acts on all of them, so a
filter that is unknown, empty or means nothing is an error: it never selects more.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from imports.formats import FORMATS
from imports.models import Import
from imports.playtypes import mixed, of_playtype
from scores.games import PLAYTYPES
from tachi.accounts.models import PREFIX_LENGTH, ApiToken, User
from tachi.api.filters import (
    BadFilter,
    ChoiceFilter,
    StrictFilterSet,
    TextFilter,
    TimeFilter,
    YesNoFilter,
    choices,
)
from tachi.api.times import TIME_EXAMPLE, TIMES_IN_WORDS

__all__ = [
    "BadFilter",
    "ImportFilterSet",
    "TextFilter",
    "TimeFilter",
    "mixed",
    "option",
    "settled",
]

TIME_HELP = f"{TIME_EXAMPLE} (UTC, or with an offset), or {TIMES_IN_WORDS}"
#: What these types add to the service that was sent, as scores show it.
SUFFIXES = {
    "file/batch-manual": " (BATCH-MANUAL)",
    "ir/direct-manual": " (DIRECT-MANUAL)",
}


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
        prefix: str = super().clean(value)[:PREFIX_LENGTH]
        if not ApiToken.objects.filter(prefix__startswith=prefix).exists():
            raise ValidationError(f"There is no API token that begins with {prefix!r}.")
        return prefix


class UserFilter(TextFilter):
    field_class, metavar = UserField, "NAME"


class TokenFilter(TextFilter):
    field_class, metavar = TokenField, "PREFIX"


class ServiceFilter(TextFilter):
    """By the service as it was sent, or as the scores show it."""

    def condition(self, value: str) -> Q:
        found = super().condition(value)
        for import_type, suffix in SUFFIXES.items():
            if value.endswith(suffix):
                sent = value.removesuffix(suffix)
                found |= Q(service=sent, import_type=import_type)
        return found


class ErrorsFilter(ChoiceFilter):
    """Imports some of whose rows were not imported; yes is the only value."""

    def condition(self, value: str) -> Q:
        return ~Q(errors=[])


class PlaytypeFilter(ChoiceFilter):
    """Whole imports, as `imports.playtypes` counts them."""

    def condition(self, value: str) -> Q:
        return of_playtype(value)


class ImportFilterSet(StrictFilterSet):
    """The filters; several narrow each other down."""

    user = UserFilter(label="user", help_text="name")
    since = TimeFilter(
        "received_at", "gte", label="received since", help_text=TIME_HELP
    )
    until = TimeFilter(
        "received_at", "lt", label="received before", help_text=TIME_HELP
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
    service = ServiceFilter(
        label="service", help_text="as it was sent, or as scores show it", strip=False
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


def settled(filters: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The filters as they can be kept: they mean the same tomorrow.

    Times are moments ("yesterday" is one then), users have their names as they write
    them, a list of one is its text. Raises BadFilter.
    """
    cleaned = ImportFilterSet(filters, Import.objects.none()).cleaned()
    kept = {name: [_kept(each) for each in of] for name, of in cleaned.items()}
    return {name: of[0] if len(of) == 1 else of for name, of in kept.items()}


def _kept(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def option(name: str) -> str:
    """A filter as an option of commands: `importType` is `--import-type`."""
    return "--" + re.sub("([A-Z])", r"-\1", name).lower()
