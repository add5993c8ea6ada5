"""Charts that are there, in other versions than the one that was asked for."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from imports.matching.names import NoMatch, not_found
from scores.models import Chart
from scores.rules.game import Game


def not_in_version(
    game: Game, version: str | None, charts: Iterable[Chart], called: str
) -> NoMatch:
    """The answer to a name that means these charts, none of which is in the version.

    That may be ahead of the game as it is known here: then it is waited for. Without
    one, none of them is primary. `called` is what a message calls the chart.
    """
    if version is not None and version not in game.versions:
        return not_found(
            f"Unknown version {version} of {game.display_name}."
            f" There are: {', '.join(game.versions) or 'none'}."
        )
    known = in_order(game.versions, {each for one in charts for each in one.versions})
    there = f"it is in {', '.join(known)}" if known else "it is in none that is known"
    if version is not None:
        return not_found(
            f"Cannot find chart {called}: it is not in version {version}; {there}."
        )
    return not_found(
        f"Cannot find chart {called}: it is not in the present version; {there}. Name"
        " the version to mean it."
    )


def in_order(known: Iterable[str] | None, some: AbstractSet[str]) -> list[str]:
    """These versions, or difficulties, as the game lists them; others behind them."""
    listed = [each for each in known or () if each in some]
    return listed + sorted(some - {*listed})
