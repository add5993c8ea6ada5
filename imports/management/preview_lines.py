"""What the `--dry-run` of revert_imports and restore_imports prints of a preview."""

from collections.abc import Iterator, Mapping
from typing import Any

from tachi.admin.formatting import count_of, in_one_line

MOST_SHOWN = 20  # rating and class changes
LISTS = ("scores", "personalBests", "sessions", "classes")


def without_lists(preview: Mapping[str, Any]) -> dict[str, Any]:
    """The preview without its lists of rows: numbers, ratings and classes."""
    short = dict(preview)
    for name in LISTS:
        short[name] = {key: of for key, of in preview[name].items() if key != "list"}
    return short


def lines(preview: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    for name, called in (("scores", "Scores"), ("personalBests", "Personal bests")):
        yield f"{called}: {_numbers(preview[name])}."
    yield f"Sessions: {_numbers(preview['sessions'])}."
    classes = preview["classes"]
    changed, staying = classes["changed"], classes["staying"]
    ratings = [_line(each, each["rating"]) for each in preview["profiles"]]
    ratings += [_line(each, each["set"]) for each in changed]
    yield from ratings[:MOST_SHOWN]
    if more := len(ratings[MOST_SHOWN:]):
        yield f"And {more} more ratings and classes."
    if staying:
        yield f"{count_of(staying, 'class')} will stay, for review."
    if orphans := preview["orphans"]:
        yield f"{count_of(orphans, 'orphan')}."


def _numbers(part: Mapping[str, Any]) -> str:
    """As in "12 removed, 3 kept"."""
    return ", ".join(f"{of:,} {key}" for key, of in part.items() if key != "list")


def _line(change: Mapping[str, Any], name: str) -> str:
    old, new = _shown(change["old"]), _shown(change["new"])
    of = f"user {change['userID']}: {change['game']} {change['playtype']} {name}"
    return in_one_line(f"{of}: {old} → {new}")


def _shown(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
