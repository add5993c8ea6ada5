import re
from typing import Any, TypedDict

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    BestDocument,
    ChartDocument,
    ParentsOf,
    SongDocument,
    chart_documents,
    leaderboard_documents,
    parents_of,
    song_documents,
)
from scores.models import Chart, PersonalBest, Song
from scores.views.addresses import get_game
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import User
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import optional, that, validate
from tachi.api.viewsets import ResourceViewSet

NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
LEADERBOARD = {
    "startRanking": optional(
        that(
            lambda text: bool(NUMBER.fullmatch(str(text)) and int(text)),
            "Expected a positive non-zero integer.",
            {"type": "string", "pattern": "^[0-9]{1,9}$"},
        )
    )
}


class SongPage(TypedDict):
    """A song with its charts in one playtype."""

    song: SongDocument
    charts: list[ChartDocument]


class Leaderboard(TypedDict):
    """Players' bests on a chart, best first."""

    pbs: list[BestDocument]
    users: list[UserDocument]


class Playcount(TypedDict):
    """How many players have played a chart."""

    count: int


class SongViewSet(ResourceViewSet):
    """Songs of a game, each under its number."""

    lookup_field = "song_id"
    not_found_text = "This song does not exist."

    def get_queryset(self) -> QuerySet[Song]:
        game = get_game(self.kwargs["game"], self.kwargs["playtype"])
        if not NUMBER.fullmatch(self.kwargs["song_id"]):
            raise Refused(400, "Invalid song ID: expected an integer.")
        return Song.objects.filter(game=game.name)

    @answers(SongPage)
    def retrieve(
        self, request: Request, game: str, playtype: str, song_id: str
    ) -> JSONResponse:
        """A song with its charts in this playtype."""
        song = self.get_object()
        charts = Chart.objects.filter(song=song, playtype=playtype)
        body = {
            "song": song_documents(Song.objects.filter(pk=song.pk))[0],
            "charts": chart_documents(charts.order_by("chart_id")),
        }
        return success(f"Returned song {song.title}.", body)


class ChartViewSet(ResourceViewSet):
    """Charts of a game and playtype, each under its id."""

    lookup_field = "chart_id"
    not_found_text = "This chart does not exist."

    def get_queryset(self) -> QuerySet[Chart]:
        game = get_game(self.kwargs["game"], self.kwargs["playtype"])
        charts = Chart.objects.filter(game=game.name, playtype=game.playtype)
        return charts.select_related("song")

    @answers(ParentsOf)
    def retrieve(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """A chart with its song."""
        chart = self.get_object()
        rules = get_game(game, playtype)
        text = rules.chart_text(rules, chart.song, chart)
        return success(f"Returned {text}.", parents_of(chart))

    @action(detail=True)
    @answers(Leaderboard, query=LEADERBOARD)
    def pbs(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """The personal bests on a chart, best first, from rank `startRanking` on."""
        chart = self.get_object()
        sent = validate(request.query_params, LEADERBOARD)
        pbs = leaderboard_documents(chart, int(sent.get("startRanking", 1)))
        users = User.objects.filter(pk__in=[pb["userID"] for pb in pbs])
        body = {"pbs": pbs, "users": [user_document(user) for user in users]}
        return success(f"Returned {len(pbs)} scores.", body)

    @action(detail=True)
    @answers(Playcount)
    def playcount(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """How many players have played a chart."""
        count = PersonalBest.objects.filter(chart=self.get_object()).count()
        return success("Counted the players of the chart.", {"count": count})

    @action(detail=True)
    @answers(list[dict[str, Any]])
    def folders(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """The folders that a chart is in: an empty list, for none are kept here."""
        self.get_object()
        return success("Found 0 folders that contain this chart.", [])
