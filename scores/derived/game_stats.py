"""A player's profile in one game and playtype: ratings, and the classes in force."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from scores.games import get_game
from scores.models import GameStats, PersonalBest, Score
from scores.rules.game import Game
from scores.rules.ratings import ProfileRating, RatedBest, TopN, rating_over_all


class Profile(NamedTuple):
    """`ratings` by name, null where there are too few bests; `classes` by set."""

    ratings: dict[str, float | None]
    classes: dict[str, str]


EMPTY = Profile({}, {})


def claimed_classes(user_id: int, game: Game) -> dict[str, str]:
    """The highest class of each set that the player has a live claim on."""
    return _found(user_id, game).claimed


class Found(NamedTuple):
    """What a profile is made of, as the database has it.

    `stored` is the profile as it was; `claimed` has the highest class of each set that
    there is a live claim on, `top` the values that profile ratings are made of,
    descending.
    """

    stored: Profile | None
    claimed: dict[str, str]
    top: dict[TopN, list[float]]


STORED = """
    SELECT 'stored', CAST(ratings AS text), CAST(classes AS text),
        CAST(NULL AS double precision)
    FROM scores_gamestats WHERE user_id = %s AND gpt = %s
"""
CLAIMED = """
    SELECT 'class', class_set, value, NULL FROM scores_classclaim
    WHERE user_id = %s AND gpt = %s AND withdrawn_at IS NULL
"""
#: The highest values of a score rating on primary charts, by the index.
TOP = """
    SELECT '{number}', NULL, NULL, value FROM (
        SELECT {column} AS value FROM scores_personalbest
        WHERE user_id = %s AND gpt = %s AND is_primary AND {column} IS NOT NULL
        ORDER BY {column} DESC LIMIT {n}
    ) AS top_{number}
"""


def _found(user_id: int, game: Game) -> Found:
    """One statement, for it is asked for with every play."""
    ratings = game.profile_ratings.values()
    sources = list({source for rating in ratings for source in rating.sources})
    parts = [STORED, CLAIMED]
    for number, (rating, n) in enumerate(sources):
        column = f"rating_{game.rating_position[rating] + 1}"
        parts.append(TOP.format(number=number, column=column, n=n))
    found = Found(None, {}, {source: [] for source in sources})
    with connection.cursor() as cursor:
        sql = " UNION ALL ".join(parts)
        cursor.execute(sql, [user_id, game.gpt] * len(parts))
        for kind, name, text, value in cursor:
            if kind == "stored":
                stored = Profile(json.loads(name), json.loads(text))
                found = found._replace(stored=stored)
            elif kind == "class":
                _claim(game, found.claimed, name, text)
            else:
                found.top[sources[int(kind)]].append(value)
    for values in found.top.values():
        values.sort(reverse=True)
    return found


def _claim(game: Game, claimed: dict[str, str], class_set: str, value: str) -> None:
    """Of several claims the highest counts."""
    classes = game.classes[class_set]
    if class_set not in claimed or classes.better(value, claimed[class_set]):
        claimed[class_set] = value


def profile(user_id: int, gpt: str) -> Profile | None:
    """The profile that the facts give; None without any score or live class claim."""
    game = get_game(gpt)
    return _profile(user_id, game, _found(user_id, game))


def _profile(user_id: int, game: Game, found: Found) -> Profile | None:
    ratings = {
        name: _rating(user_id, game, rating, found)
        for name, rating in game.profile_ratings.items()
    }
    # Who is rated has played, and is asked for it in most cases only.
    played = any(value is not None for value in ratings.values())
    if not (found.claimed or played):
        scores = Score.objects.filter(user=user_id, gpt=game.gpt)
        if not scores.exists():
            return None
    derived = {
        class_set: value
        for class_set, value in game.derived_classes(ratings).items()
        if value is not None
    }
    return Profile(ratings, {**found.claimed, **derived})


def _rating(
    user_id: int, game: Game, rating: ProfileRating, found: Found
) -> float | None:
    if rating.over_all:
        bests = PersonalBest.objects.filter(user=user_id, gpt=game.gpt)
        at = game.rating_position[rating.over_all]
        return rating_over_all(rating, _all(bests, at))
    return rating.calculate(*(found.top[source] for source in rating.sources))


def _all(bests: QuerySet[PersonalBest], at: int) -> list[RatedBest]:
    """Every best that has the rating at this position, with its chart and song."""
    return [
        RatedBest(rating, best.chart, best.chart.song)
        for best in bests.select_related("chart__song").defer("score_data")
        if (rating := best.ratings[at]) is not None
    ]


def refresh(user_id: int, gpt: str) -> tuple[Profile, Profile]:
    """Bring the player's stats up to date; the profile before, and after."""
    game = get_game(gpt)
    found = _found(user_id, game)
    before, after = found.stored or EMPTY, _profile(user_id, game, found)
    row = GameStats.objects.filter(user=user_id, gpt=gpt)
    if after is None:
        if found.stored:
            row.delete()
        return before, EMPTY
    if found.stored is None:
        GameStats.objects.create(user_id=user_id, gpt=gpt, **after._asdict())
    elif before != after:
        row.update(**after._asdict())
    return before, after


def class_deltas(gpt: str, before: Mapping, after: Mapping) -> list[dict]:
    """The classes that changed, as an import document lists them."""
    game, playtype = gpt.split(":")
    return [
        {
            "game": game,
            "playtype": playtype,
            "set": name,
            "old": before.get(name),
            "new": value,
        }
        for name, value in after.items()
        if before.get(name) != value
    ]
