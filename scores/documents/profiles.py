"""A player in one game: the profile's ratings and classes, and how much was played."""

from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Q, QuerySet, Sum

from scores.documents.ratings import numbers
from scores.documents.scores import score_documents
from scores.models import GameStats, Score, Session


def game_stats_document(stats: GameStats) -> dict:
    """`{userID, game, playtype, ratings, classes}`."""
    game, playtype = stats.gpt.split(":")
    return {
        "userID": stats.user_id,
        "game": game,
        "playtype": playtype,
        "ratings": numbers(stats.ratings),
        "classes": stats.classes,
    }


def profile_document(stats: GameStats) -> dict:
    """The profile with its first and last timed play, ranking, and time played.

    `playtime` is the sum of the player's sessions in milliseconds.
    """
    scores = Score.objects.filter(user=stats.user_id, gpt=stats.gpt)
    timed = scores.filter(time_achieved__isnull=False)
    sessions = Session.objects.filter(user=stats.user_id, gpt=stats.gpt)
    playtime = sessions.aggregate(time=Sum(F("time_ended") - F("time_started")))["time"]
    return {
        "gameStats": game_stats_document(stats),
        "firstScore": _one(timed.order_by("time_achieved", "score_id")),
        "mostRecentScore": _one(timed.order_by("-time_achieved", "-score_id")),
        "totalScores": scores.count(),
        "rankingData": _rankings([stats])[stats.pk],
        "playtime": playtime or 0,
    }


def ranked_profiles(profiles: Iterable[GameStats]) -> list[dict]:
    """Profiles with their `__rankingData`; one statement for all."""
    profiles = list(profiles)
    rankings = _rankings(profiles)
    return [
        {**game_stats_document(stats), "__rankingData": rankings[stats.pk]}
        for stats in profiles
    ]


def _rankings(profiles: Sequence[GameStats]) -> dict[int, dict]:
    """Profile → rating → `{ranking, outOf}` among the game's players."""
    counts = {}
    for stats in profiles:
        same_game = Q(gpt=stats.gpt)
        counts[f"players_{stats.pk}"] = Count("pk", filter=same_game)
        for i, (name, rating) in enumerate(stats.ratings.items()):
            ahead = Count("pk", filter=same_game & _ahead(name, rating))
            counts[f"ahead_{stats.pk}_{i}"] = ahead
    rivals = GameStats.objects.filter(gpt__in=[stats.gpt for stats in profiles])
    found = rivals.aggregate(**counts)
    return {
        stats.pk: {
            name: {
                "ranking": found[f"ahead_{stats.pk}_{i}"] + 1,
                "outOf": found[f"players_{stats.pk}"],
            }
            for i, name in enumerate(stats.ratings)
        }
        for stats in profiles
    }


def _ahead(name: str, rating: float | None) -> Q:
    """Players with a higher rating; with any, for one that has none."""
    rated = Q(**{f"ratings__{name}__isnull": False}) & ~Q(**{f"ratings__{name}": None})
    return rated if rating is None else rated & Q(**{f"ratings__{name}__gt": rating})


def _one(scores: QuerySet[Score]) -> dict | None:
    return next(iter(score_documents(scores[:1])), None)
