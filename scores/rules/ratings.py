"""What a play, a session and a profile are worth."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import floor
from typing import NamedTuple

from scores.rules.javascript import fixed, round_half_up, total

TWO_DECIMALS = fixed(2)


@dataclass(frozen=True)
class ScoreRating:
    """`calculate(score_data, chart)` is a number, or None where there is no rating.

    It raises Impossible for values that validation does not let through.
    """

    description: str
    calculate: Callable[[dict, object], float | None]
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
    chart: object
    song: object


@dataclass(frozen=True)
class ProfileRating:
    """One of two shapes.

    With `sources`: `calculate(values, ...)` gets a descending list for each source,
    at most n long, so that a database need fetch no more.
    With `over_all`, the name of a score rating: `calculate(bests)` gets a RatedBest for
    every best with that rating, on whatever chart, in descending order.
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


def sum_of_best(description: str, rating: str, n: int, **rest) -> ProfileRating:
    """The plain sum of the n highest; None where there are none."""

    def calculate(values: Sequence[float]) -> float | None:
        return total(values) if values else None

    return ProfileRating(description, calculate, (TopN(rating, n),), **rest)


def mean_of_best(
    description: str, rating: str, n: int, *, needs_all: bool = False, **rest
) -> ProfileRating:
    """The sum of the n highest over n, even where there are fewer.

    With `needs_all` there is none until there are n.
    """
    fewest = n if needs_all else 1

    def calculate(values: Sequence[float]) -> float | None:
        return total(values) / n if len(values) >= fewest else None

    return ProfileRating(description, calculate, (TopN(rating, n),), **rest)


def floored_mean_of_best(
    description: str, rating: str, n: int, *, units: int, **rest
) -> ProfileRating:
    """The mean of the n highest in whole units of 1/`units`, as cabinets show it."""

    def calculate(values: Sequence[float]) -> float | None:
        return floored_mean(values, n, units) if values else None

    return ProfileRating(description, calculate, (TopN(rating, n),), **rest)


def floored_mean(values: Sequence[float], n: int, units: int) -> float:
    """floor(sum of round(value * units) / n) / units."""
    units_held = total(round_half_up(value * units) for value in values)
    return floor(units_held / n) / units


def highest(values: Iterable[float | None], n: int) -> list[float]:
    """The n highest of the values that are there, descending."""
    return nlargest(n, (value for value in values if value is not None))


def profile_rating(
    rating: ProfileRating, bests: Sequence, position: Mapping[str, int]
) -> float | None:
    """The rating of a player with these bests.

    A best has `.ratings` (by `position` of the score rating), `.chart` and `.song`.
    """
    if rating.over_all:
        at = position[rating.over_all]
        rated = [
            RatedBest(best.ratings[at], best.chart, best.song)
            for best in bests
            if best.ratings[at] is not None
        ]
        return rating.calculate(sorted(rated, key=lambda best: -best.value))
    primary = [best.ratings for best in bests if best.chart.is_primary]
    return rating.calculate(
        *(
            highest((ratings[position[source.rating]] for ratings in primary), source.n)
            for source in rating.sources
        )
    )
