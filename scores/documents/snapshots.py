"""What a profile was on one day, and what it is now, on the wire."""

import time
from typing import Annotated, TypedDict

from scores.documents.profiles import Ranking, ranked_profiles
from scores.documents.ratings import Ratings, numbers
from scores.models import GameStats, ProfileSnapshot, Score
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds


class SnapshotDocument(TypedDict):
    """What a profile was at a time."""

    ratings: Ratings
    classes: Annotated[dict[str, str | None], "The class of each set, by its id."]
    rankings: Annotated[dict[str, Ranking], "Ranks, by rating."]
    playcount: Annotated[int, "How many scores the player had."]
    timestamp: Milliseconds


def snapshot_document(snapshot: ProfileSnapshot) -> SnapshotDocument:
    """The profile as it was when the snapshot was taken."""
    return {
        "ratings": numbers(snapshot.ratings),
        "classes": snapshot.classes,
        "rankings": snapshot.rankings,
        "playcount": snapshot.playcount,
        "timestamp": milliseconds(snapshot.taken_at),
    }


def snapshot_of_now(stats: GameStats) -> SnapshotDocument:
    """The profile as it is; two statements."""
    (ranked,) = ranked_profiles([stats])
    return {
        "ratings": ranked["ratings"],
        "classes": ranked["classes"],
        "rankings": ranked["__rankingData"],
        "playcount": Score.objects.filter(user=stats.user_id, gpt=stats.gpt).count(),
        "timestamp": int(time.time() * 1000),
    }
