"""Reads and edits of what has been played, under /api/v1."""

from scores.views import games, players
from scores.views.charts import ChartViewSet, SongViewSet
from scores.views.scores import ScoreViewSet
from scores.views.sessions import SessionViewSet
from tachi.api.routes import route

SCORE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
SESSION = {"get": "retrieve", "patch": "partial_update"}
GAME = "games/<game>/<playtype>"
PLAYER = f"users/<user>/{GAME}"

api_v1 = [
    route("scores/<score_id>", ScoreViewSet.as_view(SCORE)),
    route("sessions/<session_id>", SessionViewSet.as_view(SESSION)),
    route("games", games.games),
    route("games/<game>", games.game),
    route(GAME, games.playtype),
    route(f"{GAME}/songs/<song_id>", SongViewSet.as_view({"get": "retrieve"})),
    route(f"{GAME}/charts/<chart_id>", ChartViewSet.as_view({"get": "retrieve"})),
    route(f"{GAME}/charts/<chart_id>/pbs", ChartViewSet.as_view({"get": "pbs"})),
    route("users/<user>/game-stats", players.profiles),
    route(PLAYER, players.profile),
    route(f"{PLAYER}/pbs/all", players.all_pbs),
    route(f"{PLAYER}/pbs/best", players.best_pbs),
    route(f"{PLAYER}/pbs/<chart_id>", players.pb),
    route(f"{PLAYER}/scores/all", players.all_scores),
    route(f"{PLAYER}/scores/recent", players.recent_scores),
    route(f"{PLAYER}/scores/<chart_id>", players.scores_on_chart),
    route(f"{PLAYER}/sessions/best", players.best_sessions),
    route(f"{PLAYER}/sessions/recent", players.recent_sessions),
]
