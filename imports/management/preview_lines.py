"""What the `--dry-run` of revert_imports and restore_imports prints of a preview."""

from collections.abc import Iterator, Mapping
from typing import Any

from tachi.admin.formatting import count_of, in_one_line

MOST_SHOWN = 20  # rating and class changes
#: In this order, which PostgreSQL does not keep; lists of rows are left out.
PARTS = (
    "imports",
    "players",
    "scores",
    "personalBests",
    "sessions",
    "profiles",
    "classes",
    "orphans",
    "fingerprint",
)
NUMBERS = ("removed", "added", "kept", "changed", "created", "staying")


def without_lists(preview: Mapping[str, Any]) -> dict[str, Any]:
    """The preview without its lists of rows: numbers, ratings and classes."""
    return {name: _short(preview[name]) for name in PARTS}


def _short(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    return {name: part[name] for name in NUMBERS if name in part}


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
    return ", ".join(f"{part[name]:,} {name}" for name in NUMBERS if name in part)


def _line(change: Mapping[str, Any], name: str) -> str:
    old, new = _shown(change["old"]), _shown(change["new"])
    of = f"user {change['userID']}: {change['game']} {change['playtype']} {name}"
    return in_one_line(f"{of}: {old} → {new}")


def _shown(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
