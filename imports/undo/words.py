"""What a preview's lists say of players and classes, in names in place of ids."""

from collections.abc import Mapping
from typing import Any

from imports.undo.documents import ChangedClass, Preview
from scores.games import GAMES
from tachi.accounts.models import User


def named_players(preview: Preview | Mapping[str, Any]) -> dict[int, str]:
    """The names of the players whose ratings and classes are listed; one statement.

    Who is not there any more is "user 7".
    """
    classes = preview["classes"]
    rows = [*preview["profiles"], *classes["changed"], *classes["list"]]
    ids = {each["userID"] for each in rows}
    there = dict(User.objects.filter(pk__in=ids).values_list("pk", "username"))
    return {user_id: there.get(user_id, f"user {user_id}") for user_id in ids}


def named_classes(
    changed: ChangedClass | Mapping[str, Any],
) -> tuple[str | None, str | None]:
    """What the old and the new class of a change are called: "7th Dan"."""
    game = GAMES.get(f"{changed['game']}:{changed['playtype']}")
    old, new = (
        game.class_name(changed["set"], value) if game and value else value
        for value in (changed["old"], changed["new"])
    )
    return old, new
