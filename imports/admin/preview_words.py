"""What a confirmation says of ratings and classes, in names in place of ids."""

from typing import Any, NamedTuple

from imports.undo.preview import Preview
from imports.undo.words import named_classes, named_players


class Changed(NamedTuple):
    """A rating, or a class, that changes: of whom, of what, and how."""

    player: str
    what: str
    old: float | str | None
    new: float | str | None


class Staying(NamedTuple):
    """A provided class that stays."""

    player: str
    name: str


class Told(NamedTuple):
    """What a preview lists, for its page."""

    ratings: list[Changed]
    classes: list[Changed]
    staying: list[Staying]
    unlisted: int


def told(preview: Preview) -> Told:
    """The ratings and classes of a preview, by the players' names; one statement."""
    players = named_players(preview)
    classes = preview["classes"]

    def of(each: Any, name: str) -> tuple[str, str]:
        return players[each["userID"]], f"{each['game']} {each['playtype']} {name}"

    staying = [
        Staying(players[each["userID"]], each["name"] or each["value"])
        for each in classes["list"]
    ]
    return Told(
        [
            Changed(*of(each, each["rating"]), each["old"], each["new"])
            for each in preview["profiles"]
        ],
        [
            Changed(*of(each, each["set"]), *named_classes(each))
            for each in classes["changed"]
        ],
        staying,
        classes["staying"] - len(staying),
    )
