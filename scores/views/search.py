"""Looking for users, and for charts by words or by hash."""

from typing import TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents.search import FoundChart, found_charts
from scores.games import GAMES
from scores.models import Chart, ChartIdentifier, GameStats
from scores.seeds.identifiers import HASH_KINDS, as_hash
from scores.song_search import songs_like
from scores.views.unkept import Nothing
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import User
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import optional, text, validate
from tachi.api.viewsets import ResourceViewSet

MOST_USERS, MOST_SONGS = 25, 50
#: The games whose charts have hashes to look for.
HASHED = tuple(
    gpt for gpt in GAMES if gpt.split(":")[0] in {"bms", "pms", "usc", "itg"}
)
SEARCH = {"search": text.described("Words, or a part of a user's name.")}
EVERYTHING = {
    **SEARCH,
    "hasPlayedGame": optional(text).described(
        "Only charts of games that you have played. Any value will do."
    ),
}
HASH = {"search": text.described("MD5, SHA-1, SHA-256 or GSv3.")}

# Two underscores in a class would be mangled.
_Rival = TypedDict("_Rival", {"__isRival": bool})


class FoundUser(UserDocument, _Rival):
    """A user, and whether it is a rival: nobody has any here."""


class FoundByHash(TypedDict):
    """Charts, by game and playtype (`bms:7K`)."""

    charts: dict[str, list[FoundChart]]


class Found(FoundByHash):
    """Whatever was found."""

    users: list[FoundUser]
    folders: Nothing


class SearchViewSet(ResourceViewSet):
    """Looking for users and charts."""

    tag = "charts"

    @answers(Found, query=EVERYTHING, open_ended=True)
    def list(self, request: Request) -> JSONResponse:
        """Users by a part of their name, and charts by words of their song's names."""
        sent = validate(request.query_params, EVERYTHING, extra_keys_ok=True)
        gpts = list(GAMES)
        if "hasPlayedGame" in sent and isinstance(request.user, User):
            stats = GameStats.objects.filter(user=request.user)
            played = set(stats.values_list("gpt", flat=True))
            gpts = [gpt for gpt in gpts if gpt in played]
        body: Found = {
            "users": users_like(sent["search"]),
            "charts": charts_like(sent["search"], gpts),
            "folders": [],
        }
        return success("Searched everything.", body)

    @action(detail=False, url_path="chart-hash")
    @answers(FoundByHash, query=HASH, open_ended=True)
    def chart_hash(self, request: Request) -> JSONResponse:
        """The charts of BMS, PMS, USC and ITG that have a hash."""
        sent = validate(request.query_params, HASH, extra_keys_ok=True)
        names = ChartIdentifier.objects.filter(
            game__in={gpt.split(":")[0] for gpt in HASHED},
            kind__in=HASH_KINDS,
            value=as_hash(sent["search"]),
        )
        charts = Chart.objects.filter(pk__in=names.values("chart")).order_by("pk")
        found = found_charts(charts, HASHED, counted=False)
        return success("Searched for a chart's hash.", {"charts": found})


def users_like(search: str) -> list[FoundUser]:
    """Up to 25 users whose name contains the text."""
    users = User.objects.filter(username__icontains=search).order_by("-last_seen", "id")
    return [{**user_document(user), "__isRival": False} for user in users[:MOST_USERS]]


def charts_like(search: str, gpts: list[str]) -> dict[str, list[FoundChart]]:
    """Game and playtype → the charts of the fifty songs that fit best, in order."""
    songs = songs_like(search, {gpt.split(":")[0] for gpt in gpts})[:MOST_SONGS]
    rows = list(songs.values_list("pk", "game", "song_id"))
    charts = Chart.objects.filter(song__in=[pk for pk, *_ in rows], retired_at=None)
    found = found_charts(charts.order_by("level_num", "pk"), list(GAMES))
    place = {(game, song_id): n for n, (_, game, song_id) in enumerate(rows)}
    return {gpt: in_order(found[gpt], gpt.split(":")[0], place) for gpt in gpts}


def in_order(
    found: list[FoundChart], game: str, place: dict[tuple[str, int], int]
) -> list[FoundChart]:
    """Charts of a game by the places of their songs."""
    return sorted(found, key=lambda each: place[game, each["song"]["id"]])
