from typing import TypedDict

from django.core.cache import cache
from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    GameConfig,
    PlaytypeConfig,
    game_config_document,
    playtype_config_document,
)
from scores.games import GAMES, PLAYTYPES
from scores.models import Chart, GameStats, Score
from scores.rules.game import Game
from scores.views.addresses import get_game, get_playtypes
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.viewsets import ResourceViewSet

COUNTED_FOR = 60 * 60  # seconds


class Games(TypedDict):
    """The games of a site, by name."""

    supportedGames: list[str]
    configs: dict[str, GameConfig]


class Counts(TypedDict):
    """How much there is of a game, up to an hour ago."""

    scoreCount: int
    playerCount: int
    chartCount: int


class PlaytypePage(Counts):
    """The configuration of a playtype, and how much there is of it."""

    config: PlaytypeConfig


class GameViewSet(ResourceViewSet):
    """The supported games, and how each is played, scored and rated."""

    lookup_url_kwarg = "game"
    of_one_moment = False  # counts of the last hour are kept in the cache

    @answers(Games)
    def list(self, request: Request) -> JSONResponse:
        """All supported games with their configurations."""
        configs = {game: _config(game) for game in PLAYTYPES}
        body = {"supportedGames": list(PLAYTYPES), "configs": configs}
        return success(f"Returned {len(configs)} games.", body)

    @answers(GameConfig)
    def retrieve(self, request: Request, game: str) -> JSONResponse:
        """The configuration of a game."""
        get_playtypes(game)
        return success(f"Returned information for {game}.", _config(game))

    @action(detail=True, url_path="<playtype>")
    @answers(PlaytypePage)
    def playtype(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """The configuration of a game and playtype, with counts of what there is.

        The counts are up to an hour old.
        """
        rules = get_game(game, playtype)
        counts = cache.get_or_set(
            f"counts:{rules.gpt}", lambda: _counts(rules), COUNTED_FOR
        )
        body = {"config": playtype_config_document(rules), **(counts or {})}
        return success(f"Returned information for {game} ({playtype}).", body)


def _config(game: str) -> GameConfig:
    return game_config_document(GAMES[f"{game}:{PLAYTYPES[game][0]}"])


def _counts(game: Game) -> Counts:
    charts = Chart.objects.filter(game=game.name, playtype=game.playtype)
    return {
        "scoreCount": Score.objects.filter(gpt=game.gpt).count(),
        "playerCount": GameStats.objects.filter(gpt=game.gpt).count(),
        "chartCount": charts.count(),
    }
