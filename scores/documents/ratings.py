"""Ratings by name, with whole numbers as integers: strict clients parse them so."""

from collections.abc import Iterable, Mapping

from scores.games import GAMES
from scores.rules.javascript import whole

#: Ratings by name; null where a play, a session or a player has none.
Ratings = dict[str, float | None]


def score_ratings(gpt: str, ratings: Iterable[float | None]) -> Ratings:
    """`calculatedData` of a score or best whose ratings are in the game's order."""
    names = GAMES[gpt].score_ratings
    return {n: whole(rating) for n, rating in zip(names, ratings, strict=False)}


def numbers(ratings: Mapping[str, float | None]) -> Ratings:
    """Ratings of a session or a profile."""
    return {name: whole(rating) for name, rating in ratings.items()}
