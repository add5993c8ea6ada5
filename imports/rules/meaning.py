"""What the filters of a rule may be, and what they mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from imports.filters import BadFilter, ImportFilterSet
from imports.models import Import
from scores.games import PLAYTYPES
from tachi.accounts.models import User

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
#: Filters whose values are times.
TIMES = {"since", "until"}
NONE = "Name at least one filter: a rule without any would stop every import."
ALL = "These filters name all that there is: the rule would stop every import."
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
    for name in filters:
        _require_fit(name)
    try:
        cleaned = ImportFilterSet(filters, Import.objects.none()).cleaned()
    except BadFilter as error:
        raise BadRule(error.name, error.worded("It")) from None
    meant = {name: [_meant(each) for each in of] for name, of in cleaned.items()}
    _require_possible(meant)
    _require_a_source(meant)
    return meant


def _require_fit(name: str) -> None:
    if name in UNFIT:
        raise BadRule(name, UNFIT[name])
    if name not in FILTERS:
        raise BadRule(name, f"This is no filter. There are: {', '.join(FILTERS)}.")


def _meant(value: object) -> str:
    if isinstance(value, User):
        return str(value.pk)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _require_possible(meant: Meant) -> None:
    """Raise BadRule for playtypes that none of the games has."""
    games, playtypes = meant.get("game", PLAYTYPES), meant.get("playtype")
    there = {playtype for game in games for playtype in PLAYTYPES[game]}
    if playtypes and there.isdisjoint(playtypes):
        text = f"There is no such playtype of {' or '.join(games)}."
        raise BadRule("playtype", text)


def _require_a_source(meant: Meant) -> None:
    """Raise BadRule where each filter names all values that there are."""
    of_each = ((ImportFilterSet.values(name), values) for name, values in meant.items())
    if all(known and set(known) <= set(values) for known, values in of_each):
        raise BadRule("filters", ALL)


def in_words(filters: Mapping[str, Any]) -> str:
    """Filters as a line of text: "user alice, game sdvx"."""
    labels = {name: each.label for name, each in ImportFilterSet.base_filters.items()}
    return ", ".join(
        f"{labels.get(name, name)} {' or '.join(_texts(name, value))}"
        for name, value in filters.items()
    )


def _texts(name: str, value: object) -> list[str]:
    texts = [str(each) for each in (value if isinstance(value, list) else [value])]
    return [_moment(text) for text in texts] if name in TIMES else texts


def _moment(text: str) -> str:
    """A settled time in UTC, to the second; what is none, as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment.tzinfo else text
