"""From what an address says to a game, a player of it, and a chart."""

from rest_framework.request import Request

from scores.games import GAMES, PLAYTYPES
from scores.models import Chart, GameStats
from scores.rules.game import Game
from tachi.accounts.users import get_user
from tachi.api.envelope import Refused
from tachi.api.viewsets import ResourceViewSet


class PlayerResourceViewSet(ResourceViewSet):
    """Something of a user as the player of one game and playtype.

    All refuse with 401 or 404 for the user, 400 for the game, and 404 where the one
    has never played the other.
    """

    lookup_url_kwarg = "playtype"

    def get_object(self) -> GameStats:
        stats = get_player(
            self.request,
            self.kwargs["user"],
            self.kwargs["game"],
            self.kwargs["playtype"],
        )
        self.check_object_permissions(self.request, stats)
        return stats


def get_playtypes(game: str) -> tuple[str, ...]:
    """The playtypes of the game; 400 where there is no such game."""
    if game not in PLAYTYPES:
        raise Refused(400, f"The game {game} is not supported.")
    return PLAYTYPES[game]


def get_game(game: str, playtype: str) -> Game:
    """The rules of the game and playtype; 400 where there are none."""
    if playtype not in get_playtypes(game):
        raise Refused(400, f"The playtype {playtype} is not supported in {game}.")
    return GAMES[f"{game}:{playtype}"]


def get_player(request: Request, user: str, game: str, playtype: str) -> GameStats:
    """The user's profile in the game, with the user.

    Refuses with 401 or 404 for the user, with 400 for the game, and with 404 where the
    one has never played the other.
    """
    player = get_user(request, user)
    gpt = get_game(game, playtype).gpt
    stats = GameStats.objects.filter(user=player, gpt=gpt).first()
    if stats is None:
        raise Refused(404, f"{player.username} has not played {game} ({playtype}).")
    stats.user = player
    return stats


def get_chart(gpt: str, chart_id: str) -> Chart:
    """The chart of that game and playtype; 404 where there is none."""
    game, playtype = gpt.split(":")
    charts = Chart.objects.filter(game=game, playtype=playtype, chart_id=chart_id)
    chart = charts.select_related("song").first()
    if chart is None:
        raise Refused(404, "This chart does not exist.")
    return chart
