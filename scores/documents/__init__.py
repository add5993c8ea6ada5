"""The documents of the API, as dictionaries for the renderer.

Each function takes a queryset (or rows) and runs a constant number of statements,
however many documents it returns. JSON columns are not parsed: a document holds their
text as an `orjson.Fragment`; `plain` gives a plain dictionary.
"""

from scores.documents.bests import BestDocument, leaderboard_documents, pb_documents
from scores.documents.charts import (
    ChartDocument,
    Parents,
    ParentsOf,
    SongDocument,
    chart_documents,
    parents,
    parents_of,
    song_documents,
)
from scores.documents.games import (
    GameConfig,
    PlaytypeConfig,
    game_config_document,
    playtype_config_document,
)
from scores.documents.listing import first_of
from scores.documents.profiles import (
    GameStatsDocument,
    ProfileDocument,
    RankedGameStatsDocument,
    game_stats_document,
    profile_document,
    ranked_profiles,
)
from scores.documents.score_info import ScoreInfo
from scores.documents.scores import (
    ScoreDocument,
    ScoreListing,
    score_document,
    score_documents,
    score_listing,
)
from scores.documents.sessions import (
    CalendarSession,
    ListedSessionDocument,
    SessionDocument,
    SessionPage,
    calendar,
    session_documents,
    session_listing,
    session_page,
)
from scores.json_columns import plain

__all__ = [
    "BestDocument",
    "CalendarSession",
    "ChartDocument",
    "GameConfig",
    "GameStatsDocument",
    "ListedSessionDocument",
    "Parents",
    "ParentsOf",
    "PlaytypeConfig",
    "ProfileDocument",
    "RankedGameStatsDocument",
    "ScoreDocument",
    "ScoreInfo",
    "ScoreListing",
    "SessionDocument",
    "SessionPage",
    "SongDocument",
    "calendar",
    "chart_documents",
    "first_of",
    "game_config_document",
    "game_stats_document",
    "leaderboard_documents",
    "parents",
    "parents_of",
    "pb_documents",
    "plain",
    "playtype_config_document",
    "profile_document",
    "ranked_profiles",
    "score_document",
    "score_documents",
    "score_listing",
    "session_documents",
    "session_listing",
    "session_page",
    "song_documents",
]
