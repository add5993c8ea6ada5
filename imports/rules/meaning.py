"""What the filters of a rule may be, and what they mean."""

from collections.abc import Mapping
from typing import Any

from imports.filters import BadFilter, ImportFilterSet
from imports.models import Import
from scores.games import PLAYTYPES
from tachi.accounts.models import ApiToken, User

#: The filters of imports that say where further ones come from, or what they are.
FILTERS = (
    "user",
    "importType",
    "game",
    "playtype",
    "service",
    "token",
    "userAgent",
    "intent",
)
#: Why the others make no rule.
UNFIT = {
    "since": "A rule is for further imports: say `until` when, beside the filters.",
    "until": "Say until when beside the filters, not among them.",
    "hasErrors": "Whether an import has errors is only known once it is imported.",
}
NONE = "Name at least one filter: a rule without any would stop every import."
Meant = dict[str, list[str]]


class BadRule(ValueError):
    """It cannot be a rule; `name` is the filter or the field, empty for all of it."""

    status = 400

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.name = name
        self.text = f"[{name}] {text}" if name else text
        self.told = text


def meaning(filters: object) -> Meant:
    """What the filters of a rule mean: values by name, of which one has to match each.

    A value is a text, or a list of them. Raises BadRule for filters that are none, are
    not known, have no value, cannot be a rule's, or can never match.
    """
    if not isinstance(filters, Mapping) or not filters:
        raise BadRule("filters", NONE)
    meant = {name: _meant(name, value) for name, value in filters.items()}
    _require_possible(meant)
    return meant


def _meant(name: str, value: object) -> list[str]:
    if name in UNFIT:
        raise BadRule(name, UNFIT[name])
    if name not in FILTERS:
        raise BadRule(name, f"This is no filter. There are: {', '.join(FILTERS)}.")
    values = value if isinstance(value, list) else [value]
    texts = [each for each in values if isinstance(each, str)]
    if not texts or len(texts) < len(values):
        raise BadRule(name, "Expected a text, or a list of texts.")
    return [_one(name, each) for each in texts]


def _one(name: str, value: str) -> str:
    if "\0" in value:
        raise BadRule(name, "This contains the NUL character.")
    filters = ImportFilterSet({name: value}, Import.objects.none())
    try:
        filters.filter_queryset(Import.objects.none())
    except BadFilter as error:
        raise BadRule(name, error.worded("It")) from None
    said = filters.form.cleaned_data[name]
    if isinstance(said, User):
        return str(said.pk)
    if name == "token" and not ApiToken.objects.filter(prefix__startswith=said):
        raise BadRule(name, f"There is no API token that begins with {said!r}.")
    return value if name == "intent" else str(said)


def _require_possible(meant: Meant) -> None:
    """Raise BadRule for playtypes that none of the games has."""
    games, playtypes = meant.get("game", PLAYTYPES), meant.get("playtype")
    there = {playtype for game in games for playtype in PLAYTYPES[game]}
    if playtypes and there.isdisjoint(playtypes):
        text = f"There is no such playtype of {' or '.join(games)}."
        raise BadRule("playtype", text)


def in_words(filters: Mapping[str, Any]) -> str:
    """Filters as a line of text: "user alice, game sdvx"."""
    labels = {name: each.label for name, each in ImportFilterSet.base_filters.items()}
    return ", ".join(
        f"{labels.get(name, name)} {' or '.join(_texts(value))}"
        for name, value in filters.items()
    )


def _texts(value: object) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]
