"""A player's profile in one game and playtype: ratings, and the classes in force."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import F, QuerySet

from scores.games import get_game
from scores.models import ClassClaim, GameStats, PersonalBest, Score
from scores.rules.game import Game
from scores.rules.ratings import ProfileRating, RatedBest, TopN, rating_over_all


class Profile(NamedTuple):
    """`ratings` by name, null where there are too few bests; `classes` by set."""

    ratings: dict[str, float | None]
    classes: dict[str, str]


EMPTY = Profile({}, {})


def profile(user_id: int, gpt: str) -> Profile | None:
    """The profile that the facts give; None without any score or live class claim."""
    game = get_game(gpt)
    claimed = claimed_classes(user_id, game)
    ratings = {
        name: _rating(user_id, game, rating)
        for name, rating in game.profile_ratings.items()
    }
    # Who is rated has played, and is asked for it in most cases only.
    played = any(value is not None for value in ratings.values())
    if not (claimed or played or Score.objects.filter(user=user_id, gpt=gpt).exists()):
        return None
    derived = {
        class_set: value
        for class_set, value in game.derived_classes(ratings).items()
        if value is not None
    }
    return Profile(ratings, {**claimed, **derived})


def claimed_classes(user_id: int, game: Game) -> dict[str, str]:
    """The highest class of each set that the player has a live claim on."""
    claims = ClassClaim.objects.filter(
        user=user_id, gpt=game.gpt, withdrawn_at=None
    ).values_list("class_set", "value")
    highest: dict[str, str] = {}
    for name, value in claims:
        classes = game.classes[name]
        if name not in highest or classes.better(value, highest[name]):
            highest[name] = value
    return highest


def _rating(user_id: int, game: Game, rating: ProfileRating) -> float | None:
    bests = PersonalBest.objects.filter(user=user_id, gpt=game.gpt)
    if rating.over_all:
        at = game.rating_position[rating.over_all]
        return rating_over_all(rating, _all(bests, at))
    return rating.calculate(*(_top(bests, game, source) for source in rating.sources))


def _top(bests: QuerySet[PersonalBest], game: Game, source: TopN) -> list[float]:
    """The highest values of a score rating on primary charts, by the index."""
    column = f"rating_{game.rating_position[source.rating] + 1}"
    rated = bests.filter(is_primary=True, **{f"{column}__isnull": False})
    return list(
        rated.order_by(F(column).desc()).values_list(column, flat=True)[: source.n]
    )


def _all(bests: QuerySet[PersonalBest], at: int) -> list[RatedBest]:
    """Every best that has the rating at this position, with its chart and song."""
    return [
        RatedBest(rating, best.chart, best.chart.song)
        for best in bests.select_related("chart__song").defer("score_data")
        if (rating := best.ratings[at]) is not None
    ]


def refresh(user_id: int, gpt: str) -> tuple[Profile, Profile]:
    """Bring the player's stats up to date; the profile before, and after."""
    stored = GameStats.objects.filter(user=user_id, gpt=gpt).first()
    before = Profile(stored.ratings, stored.classes) if stored else EMPTY
    after = profile(user_id, gpt)
    if after is None:
        if stored:
            stored.delete()
        return before, EMPTY
    if stored is None:
        GameStats.objects.create(user_id=user_id, gpt=gpt, **after._asdict())
    elif before != after:
        GameStats.objects.filter(pk=stored.pk).update(**after._asdict())
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
