"""A player in one game: the profile's ratings and classes, and how much was played."""

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
        "rankingData": ranking_document(stats),
        "playtime": playtime or 0,
    }


def ranking_document(stats: GameStats) -> dict:
    """Profile rating → `{ranking, outOf}` among the game's players; one statement."""
    counts = {
        f"ahead_{i}": Count("pk", filter=_ahead(name, rating))
        for i, (name, rating) in enumerate(stats.ratings.items())
    }
    players = GameStats.objects.filter(gpt=stats.gpt)
    found = players.aggregate(players=Count("pk"), **counts)
    return {
        name: {"ranking": found[f"ahead_{i}"] + 1, "outOf": found["players"]}
        for i, name in enumerate(stats.ratings)
    }


def _ahead(name: str, rating: float | None) -> Q:
    """Players with a higher rating; with any, for one that has none."""
    if rating is None:
        return Q(**{f"ratings__{name}__isnull": False}) & ~Q(**{f"ratings__{name}": None})
    return Q(**{f"ratings__{name}__gt": rating})


def _one(scores: QuerySet[Score]) -> dict | None:
    return next(iter(score_documents(scores[:1])), None)
