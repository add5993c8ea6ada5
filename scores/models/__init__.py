"""Tables: songs and charts, facts, and derived rows.

Derived rows are written by `scores.derived` only. Those who wait for it are here too.
"""

from scores.models.charts import Chart, ChartIdentifier, Course, Song, listed_first
from scores.models.derived import GameStats, PersonalBest, Session
from scores.models.facts import (
    ClassClaim,
    ClassReview,
    Replay,
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    SessionEdit,
)
from scores.models.settings import GameSettings, ProfileSnapshot
from scores.models.waiting import PlayerToRerate

__all__ = [
    "Chart",
    "ChartIdentifier",
    "ClassClaim",
    "ClassReview",
    "Course",
    "GameSettings",
    "GameStats",
    "PersonalBest",
    "PlayerToRerate",
    "ProfileSnapshot",
    "Replay",
    "Score",
    "ScoreBlock",
    "ScoreDeletion",
    "ScoreEdit",
    "Session",
    "SessionEdit",
    "Song",
    "listed_first",
]
