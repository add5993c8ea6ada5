import re
from typing import TypedDict

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
from scores.documents.search import ChartListing, popular_charts, without_2dxtra
from scores.game_settings import preferences_of
from scores.models import Chart, GameStats, PersonalBest, Song
from scores.song_search import songs_like
from scores.views.addresses import get_game
from scores.views.unkept import Nothing
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import User
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import optional, text, that, validate
from tachi.api.viewsets import ResourceViewSet

NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
LEADERBOARD = {
    "startRanking": optional(
        that(
            lambda sent: bool(NUMBER.fullmatch(str(sent)) and int(sent)),
            "Expected a positive non-zero integer.",
            {"type": "string", "pattern": "^[0-9]{1,9}$"},
        )
    )
}


MOST_SONGS = 100
GUEST = "Who has played it? Nobody is logged in."
CHARTS = {
    "search": optional(text).described("Words of a song's names, or of its artist's."),
    "requesterHasPlayed": optional(text).described(
        "Only charts of songs that you have played. Any value will do."
    ),
    "noIntelligentOmit": optional(text).described(
        "Charts that are not the game's own, too (2dxtra). Any value will do."
    ),
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

    @answers(ChartListing, query=CHARTS, open_ended=True, refuses={401: GUEST})
    def list(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """The hundred charts that most players have played, with their songs.

        With `search` those of the songs that it finds.
        """
        charts = self.get_queryset().filter(retired_at=None).select_related(None)
        sent = validate(request.query_params, CHARTS, extra_keys_ok=True)
        if sent.get("search"):
            songs = songs_like(sent["search"], [game])[:MOST_SONGS]
            charts = charts.filter(song__in=list(songs.values_list("pk", flat=True)))
        if "requesterHasPlayed" in sent:
            if not isinstance(request.user, User):
                raise Refused(401, GUEST)
            bests = PersonalBest.objects.filter(
                user=request.user, gpt=f"{game}:{playtype}"
            )
            charts = charts.filter(song__in=bests.values("chart__song"))
        everything = game != "iidx" or "noIntelligentOmit" in sent
        if not (everything or wants_2dxtra(request, playtype)):
            charts = without_2dxtra(charts)
        body = popular_charts(charts)
        return success(f"Returned {len(body['charts'])} charts.", body)

    @answers(ParentsOf)
    def retrieve(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """A chart with its song."""
        chart = self.get_object()
        rules = get_game(game, playtype)
        called = rules.chart_text(rules, chart.song, chart)
        return success(f"Returned {called}.", parents_of(chart))

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
    @answers(Nothing)
    def folders(
        self, request: Request, game: str, playtype: str, chart_id: str
    ) -> JSONResponse:
        """The folders that a chart is in: an empty list, for none are kept here."""
        self.get_object()
        return success("Found 0 folders that contain this chart.", [])


def wants_2dxtra(request: Request, playtype: str) -> bool:
    """Whether who asks has chosen to see charts that are not the game's own."""
    if not isinstance(request.user, User):
        return False
    stats = GameStats(user_id=request.user.pk, gpt=f"iidx:{playtype}")
    chosen = preferences_of(stats).get("gameSpecific", {})
    return bool(chosen.get("display2DXTra"))
