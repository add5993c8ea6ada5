"""A player in one game: the profile's ratings and classes, and how much was played."""

from collections.abc import Iterable, Sequence
from typing import Annotated, TypedDict

from django.db.models import Count, F, Q, QuerySet, Sum

from scores.documents.ratings import Ratings, numbers
from scores.documents.scores import ScoreDocument, score_documents
from scores.models import GameStats, Score, Session


class GameStatsDocument(TypedDict):
    """A player's ratings and classes in one game and playtype."""

    userID: int
    game: str
    playtype: str
    ratings: Ratings
    classes: Annotated[dict[str, str | None], "The class of each set, by its id."]


class Ranking(TypedDict):
    """A rank among the players of the game and playtype."""

    ranking: int
    outOf: int


class ProfileDocument(TypedDict):
    """A player's profile in one game and playtype."""

    gameStats: GameStatsDocument
    firstScore: Annotated[ScoreDocument | None, "The first that has a time."]
    mostRecentScore: ScoreDocument | None
    totalScores: int
    rankingData: Annotated[dict[str, Ranking], "Ranks, by rating."]
    playtime: Annotated[int, "The sum of the sessions, in milliseconds."]


# Two underscores in a class would be mangled.
_Ranked = TypedDict(
    "_Ranked", {"__rankingData": Annotated[dict[str, Ranking], "Ranks, by rating."]}
)


class RankedGameStatsDocument(GameStatsDocument, _Ranked):
    """A player's ratings, classes and ranks in one game and playtype."""


def game_stats_document(stats: GameStats) -> GameStatsDocument:
    """`{userID, game, playtype, ratings, classes}`."""
    game, playtype = stats.gpt.split(":")
    return {
        "userID": stats.user_id,
        "game": game,
        "playtype": playtype,
        "ratings": numbers(stats.ratings),
        "classes": stats.classes,
    }


def profile_document(stats: GameStats) -> ProfileDocument:
    """The profile with its first and last timed play, ranking, and time played.

    `playtime` is the sum of the player's sessions in milliseconds.
    """
    scores = Score.objects.filter(user=stats.user_id, gpt=stats.gpt)
    timed = scores.filter(time_achieved__isnull=False)
    time = F("time_achieved")
    # No time is null here, but only so is it the order of an index.
    oldest, newest = time.asc(nulls_first=True), time.desc(nulls_last=True)
    sessions = Session.objects.filter(user=stats.user_id, gpt=stats.gpt)
    playtime = sessions.aggregate(time=Sum(F("time_ended") - F("time_started")))["time"]
    return {
        "gameStats": game_stats_document(stats),
        "firstScore": _one(timed.order_by(oldest, "score_id")),
        "mostRecentScore": _one(timed.order_by(newest, "-score_id")),
        "totalScores": scores.count(),
        "rankingData": _rankings([stats])[stats.pk],
        "playtime": playtime or 0,
    }


def ranked_profiles(
    profiles: Iterable[GameStats],
) -> list[RankedGameStatsDocument]:
    """Profiles with their `__rankingData`; one statement for all."""
    profiles = list(profiles)
    rankings = _rankings(profiles)
    return [
        {**game_stats_document(stats), "__rankingData": rankings[stats.pk]}
        for stats in profiles
    ]


def _rankings(profiles: Sequence[GameStats]) -> dict[int, dict[str, Ranking]]:
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


def _one(scores: QuerySet[Score]) -> ScoreDocument | None:
    return next(iter(score_documents(scores[:1])), None)
