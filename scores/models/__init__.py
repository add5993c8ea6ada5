"""Tables: songs and charts, facts, and derived rows.

Derived rows are written by `scores.derived` only.
"""

from scores.models.charts import Chart, ChartIdentifier, Song
from scores.models.derived import GameStats, PersonalBest, Session
from scores.models.facts import (
    ClassClaim,
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    SessionEdit,
)

__all__ = [
    "Chart",
    "ChartIdentifier",
    "ClassClaim",
    "GameStats",
    "PersonalBest",
    "Score",
    "ScoreBlock",
    "ScoreDeletion",
    "ScoreEdit",
    "Session",
    "SessionEdit",
    "Song",
]
