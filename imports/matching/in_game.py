"""Charts by their number in the game, as the game itself and its hooks name them."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from imports.matching.hashes import charts_by_hash
from imports.matching.names import NoMatch, not_found
from imports.matching.rules import ANY_INF, INFINITE_DIFFICULTIES
from imports.matching.versions import not_in_version
from scores.games import PLAYTYPES, get_game
from scores.models import Chart

IN_GAME_ID = "inGameID"


class InGame(NamedTuple):
    """A chart's number in the game, its playtype and its difficulty.

    ANY_INF is whichever of SOUND VOLTEX's infinite difficulties the song has.
    """

    number: int
    playtype: str
    difficulty: str

    def __str__(self) -> str:
        return f"inGameID {self.number} ({self.playtype} {self.difficulty})"


def any_chart(chart: Chart) -> bool:
    """Of the charts with a number no one is left out."""
    return True


def is_of_the_arcade(chart: Chart) -> bool:
    """The fan-made charts of 2dxtra share numbers with those of beatmania IIDX."""
    return chart.data.get("2dxtraSet") is None


def charts_in_game(
    game: str,
    version: str | None,
    names: Sequence[InGame],
    counts: Callable[[Chart], bool] = any_chart,
) -> list[Chart | NoMatch]:
    """The chart that each name means in a version of the game, or why there is none.

    Whether it is primary matters where there is no version only. Of several that fit
    the first is meant (`listed_first`), of those that `counts` lets through. One
    statement for a thousand numbers.
    """
    numbers = (str(name.number) for name in names)
    by_number = charts_by_hash(game, [IN_GAME_ID], numbers)
    return [
        _first(game, version, name, filter(counts, by_number.get(str(name.number), ())))
        for name in names
    ]


def _first(
    game: str, version: str | None, name: InGame, charts: Iterable[Chart]
) -> Chart | NoMatch:
    infinite = name.difficulty == ANY_INF
    difficulties = INFINITE_DIFFICULTIES if infinite else (name.difficulty,)
    others = []
    for chart in charts:
        if chart.playtype == name.playtype and chart.difficulty in difficulties:
            if chart.is_primary if version is None else version in chart.versions:
                return chart
            others.append(chart)
    rules = get_game(f"{game}:{name.playtype}")
    if others and (version is None or version in rules.versions):
        return not_in_version(rules, version, others, f"with {name}")
    return not_found(f"Cannot find chart with {name}{_missing(game, version)}")


def _missing(game: str, version: str | None) -> str:
    """The end of the sentence that says what is not there."""
    if version is None:
        return "."
    versions = get_game(f"{game}:{PLAYTYPES[game][0]}").versions
    if version in versions:
        return f" in version {version}."
    return f": there is no version {version}, only {', '.join(versions)}."
