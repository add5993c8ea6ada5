"""What the `--dry-run` of revert_imports and restore_imports prints of a preview."""

from collections.abc import Iterator, Mapping
from typing import Any

from imports.undo.words import named_classes, named_players
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


def lines(preview: Mapping[str, Any], *, restores: bool = False) -> Iterator[str]:
    """The same for people, of reverts or of `restores`."""
    for name, called in (("scores", "Scores"), ("personalBests", "Personal bests")):
        yield f"{called}: {_numbers(preview[name])}."
    yield f"Sessions: {_numbers(preview['sessions'])}."
    players = named_players(preview)
    classes = preview["classes"]
    moved = [
        *(
            (each, each["rating"], each["old"], each["new"])
            for each in preview["profiles"]
        ),
        *((each, each["set"], *named_classes(each)) for each in classes["changed"]),
    ]
    for each, name, old, new in moved[:MOST_SHOWN]:
        of = f"{players[each['userID']]}: {each['game']} {each['playtype']} {name}"
        yield in_one_line(f"{of}: {_shown(old)} → {_shown(new)}")
    if more := len(moved[MOST_SHOWN:]):
        yield f"And {more} more ratings and classes."
    if staying := classes["staying"]:
        what = (
            "will count by their imports again" if restores else "will stay, for review"
        )
        yield f"{count_of(staying, 'provided class', 'es')} {what}."
    if orphans := preview["orphans"]:
        both = {"removed", "added"} <= preview["scores"].keys()  # of what runs again
        what = "removed or added" if both else "added" if restores else "removed"
        yield f"{count_of(orphans, 'orphan')} {what}."


def _numbers(part: Mapping[str, Any]) -> str:
    """As in "12 removed, 3 kept"."""
    return ", ".join(f"{part[name]:,} {name}" for name in NUMBERS if name in part)


def _shown(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else str(value)
