"""Ratings of plays, sessions and profiles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import floor
from typing import NamedTuple

from scores.rules.charts import Chart, Song
from scores.rules.javascript import fixed, round_half_up, total
from scores.rules.score_data import ScoreData

TWO_DECIMALS = fixed(2)


@dataclass(frozen=True)
class ScoreRating:
    """`calculate(score_data, chart)` is a number, or None where there is no rating.

    It raises Impossible outside the formula's domain; `Game.rate` makes that None.
    """

    description: str
    calculate: Callable[[ScoreData, Chart], float | None]
    text: Callable[[float], str] = TWO_DECIMALS


@dataclass(frozen=True)
class SessionRating:
    """The mean of the n best `rating`s of a session's scores, times `times`."""

    description: str
    rating: str
    n: int = 10
    times: float = 1
    text: Callable[[float], str] = TWO_DECIMALS

    def calculate(self, values: Iterable[float | None]) -> float | None:
        """None where fewer than n scores are rated."""
        best = nlargest(self.n, (value for value in values if value is not None))
        if len(best) < self.n:
            return None
        return total(best) / self.n * self.times


class TopN(NamedTuple):
    """The n highest values of a score rating over the bests on primary charts."""

    rating: str
    n: int


class RatedBest(NamedTuple):
    """What a profile rating over all bests sees of each: its value is never None."""

    value: float
    chart: Chart
    song: Song


@dataclass(frozen=True)
class ProfileRating:
    """A rating of one of two kinds.

    With `sources`: `calculate(values, ...)` gets a descending list for each source,
    at most n long, so that no more need be read from the database.
    With `over_all`, the name of a score rating: `calculate(bests)` gets a RatedBest for
    every best with that rating, on any chart, in descending order.
    """

    description: str
    calculate: Callable[..., float | None]
    sources: tuple[TopN, ...] = ()
    over_all: str | None = None
    text: Callable[[float], str] = TWO_DECIMALS

    @property
    def associated_ratings(self) -> tuple[str, ...]:
        """The score ratings this is made of."""
        if self.over_all:
            return (self.over_all,)
        return tuple(source.rating for source in self.sources)


def sum_of_best(
    description: str,
    rating: str,
    n: int,
    *,
    text: Callable[[float], str] = TWO_DECIMALS,
) -> ProfileRating:
    """The plain sum of the n highest; None where there are none."""

    def calculate(values: Sequence[float]) -> float | None:
        return total(values) if values else None

    return ProfileRating(description, calculate, (TopN(rating, n),), text=text)


def mean_of_best(
    description: str,
    rating: str,
    n: int,
    *,
    needs_all: bool = False,
    text: Callable[[float], str] = TWO_DECIMALS,
) -> ProfileRating:
    """The sum of the n highest over n, even where there are fewer.

    With `needs_all` there is none until there are n.
    """
    fewest = n if needs_all else 1

    def calculate(values: Sequence[float]) -> float | None:
        return total(values) / n if len(values) >= fewest else None

    return ProfileRating(description, calculate, (TopN(rating, n),), text=text)


def floored_mean_of_best(
    description: str, rating: str, n: int, *, units: int
) -> ProfileRating:
    """The mean of the n highest in whole units of 1/`units`, as cabinets show it."""

    def calculate(values: Sequence[float]) -> float | None:
        return floored_mean(values, n, units) if values else None

    return ProfileRating(description, calculate, (TopN(rating, n),))


def floored_mean(values: Sequence[float], n: int, units: int) -> float:
    """floor(sum of round(value * units) / n) / units."""
    units_held = total(round_half_up(value * units) for value in values)
    return floor(units_held / n) / units


def rating_over_all(rating: ProfileRating, bests: Iterable[RatedBest]) -> float | None:
    """A profile rating of the `over_all` kind, of the player's bests in any order."""
    return rating.calculate(sorted(bests, key=lambda best: -best.value))
