"""Reads and edits of what has been played, under /api/v1."""

from scores.views.blocks import UserBlockViewSet
from scores.views.charts import ChartViewSet, SongViewSet
from scores.views.games import GameViewSet
from scores.views.histories import HistoryViewSet
from scores.views.leaderboards import GameLeaderboardViewSet, NeighbourViewSet
from scores.views.players import PlayerViewSet, ProfileViewSet
from scores.views.scores import ScoreViewSet
from scores.views.search import SearchViewSet
from scores.views.sessions import SessionViewSet
from scores.views.settings import GameSettingsViewSet
from scores.views.summaries import SummaryViewSet
from scores.views.unkept import PlayerTargetsViewSet, TableViewSet
from tachi.api.routes import Router

api_v1 = Router()
api_v1.register("scores", ScoreViewSet)
api_v1.register("sessions", SessionViewSet)
api_v1.register("games", GameViewSet)
api_v1.register("games/<game>/<playtype>/songs", SongViewSet)
api_v1.register("games/<game>/<playtype>/charts", ChartViewSet)
api_v1.register("users/<user>", ProfileViewSet)
api_v1.register("users/<user>", SummaryViewSet)
api_v1.register("users/<user>", UserBlockViewSet)
api_v1.register("users/<user>/games/<game>", PlayerViewSet)
api_v1.register("users/<user>/games/<game>", GameSettingsViewSet)
api_v1.register("users/<user>/games/<game>", PlayerTargetsViewSet)
api_v1.register("games/<game>", TableViewSet)
api_v1.register("search", SearchViewSet)
api_v1.register("users/<user>/games/<game>", HistoryViewSet)
api_v1.register("users/<user>/games/<game>", NeighbourViewSet)
api_v1.register("games/<game>", GameLeaderboardViewSet)
