"""What a player has played in one game: most often, lately, highlighted, looked for."""

from datetime import timedelta
from typing import Annotated, TypedDict

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    BestDocument,
    CalendarSession,
    ListedSessionDocument,
    Parents,
    ScoreInfo,
    ScoreListing,
    SessionDocument,
    calendar,
    first_of,
    parents,
    pb_documents,
    score_listing,
    session_documents,
    session_listing,
)
from scores.documents.session_edits import highlighted, shown_on
from scores.documents.snapshots import (
    SnapshotDocument,
    snapshot_document,
    snapshot_of_now,
)
from scores.models import (
    Chart,
    GameStats,
    PersonalBest,
    ProfileSnapshot,
    Score,
    Session,
    Song,
)
from scores.song_search import songs_like
from scores.views.addresses import PlayerResourceViewSet
from tachi.api.envelope import Refused, success
from tachi.api.openapi import Keywords, answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import one_of, optional, text, validate

DAYS = {
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "3mo": timedelta(days=90),
    "year": timedelta(days=365),
}
DURATION = {"duration": optional(one_of(*DAYS)).described("3mo if not given.")}
MOST = 100
NEWEST_FIRST = (F("time_achieved").desc(nulls_last=True), "score_id")
MOST_FOUND = 30
SEARCH = {"search": text.described("Words of a song's names, or of its artist's.")}
OF_SESSION = {"search": text.described("A part of the session's name.")}

# Two underscores in a class would be mangled.
_Played = TypedDict(
    "_Played", {"__playcount": Annotated[int, "How often the player has played it."]}
)
_Scored = TypedDict("_Scored", {"__textScore": float})


class PlayedBest(BestDocument, _Played):
    """A personal best, and how often its chart was played."""


class MostPlayed(Parents):
    """The charts that a player has played most often, and the bests on them."""

    pbs: list[PlayedBest]


class BestsFound(Parents):
    """Personal bests with their songs and charts."""

    pbs: list[BestDocument]


class FoundSession(SessionDocument, _Scored):
    """A session, and how well its name fits."""


class LastSession(TypedDict):
    """The last session, and how much each of its scores improved."""

    session: SessionDocument
    scoreInfo: list[ScoreInfo]


class HistoryViewSet(PlayerResourceViewSet):
    """What a player has played in one game."""

    tag = "players"

    @action(detail=True)
    @answers(Annotated[list[SnapshotDocument], Keywords(minItems=1)], query=DURATION)
    def history(self, request: Request, **address: str) -> JSONResponse:
        """The profile as it is now, and as it was on each day before, newest first."""
        stats = self.get_object()
        sent = validate(request.query_params, DURATION)
        since = timezone.now() - DAYS[sent.get("duration", "3mo")]
        snapshots = ProfileSnapshot.objects.filter(
            user=stats.user, gpt=stats.gpt, taken_at__gte=since
        )
        before = [snapshot_document(each) for each in snapshots.order_by("-day")]
        body = [snapshot_of_now(stats), *before]
        return success(f"Returned the history of {len(before)} days.", body)

    @action(detail=True, url_path="most-played")
    @answers(MostPlayed)
    def most_played(self, request: Request, **address: str) -> JSONResponse:
        """The hundred charts that a player has played most often."""
        stats = self.get_object()
        scores = Score.objects.filter(user=stats.user, gpt=stats.gpt)
        counted = scores.values_list("chart").annotate(n=Count("pk"))
        often = dict(counted.order_by("-n", "chart")[:MOST])
        bests = PersonalBest.objects.filter(user=stats.user, chart__in=often)
        names = Chart.objects.filter(pk__in=often).values_list("chart_id", "pk")
        plays = {chart_id: often[pk] for chart_id, pk in names}
        pbs: list[PlayedBest] = [
            {**pb, "__playcount": plays[pb["chartID"]]}
            for pb in pb_documents(bests.order_by("chart"))
        ]
        pbs.sort(key=lambda pb: -pb["__playcount"])
        body: MostPlayed = {"pbs": pbs, **parents(bests)}
        return success(f"Returned {len(pbs)} charts.", body)

    @action(detail=True)
    @answers(BestsFound, query=SEARCH, open_ended=True)
    def pbs(self, request: Request, **address: str) -> JSONResponse:
        """The thirty newest personal bests on charts of songs that `search` finds."""
        stats = self.get_object()
        bests = PersonalBest.objects.filter(
            user=stats.user, gpt=stats.gpt, chart__in=found_charts(request, stats)
        )
        bests = bests.order_by(F("time_achieved").desc(nulls_last=True), "chart")
        shown = first_of(bests, MOST_FOUND)
        pbs = pb_documents(shown)
        body: BestsFound = {"pbs": pbs, **parents(shown.order_by())}
        return success(f"Retrieved {len(pbs)} personal bests.", body)

    @action(detail=True)
    @answers(ScoreListing, query=SEARCH, open_ended=True)
    def scores(self, request: Request, **address: str) -> JSONResponse:
        """The thirty newest scores on charts of songs that `search` finds."""
        stats = self.get_object()
        scores = Score.objects.filter(
            user=stats.user, gpt=stats.gpt, chart__in=found_charts(request, stats)
        )
        body = score_listing(first_of(scores.order_by(*NEWEST_FIRST), MOST_FOUND))
        return success(f"Retrieved {len(body['scores'])} scores.", body)

    @action(detail=True)
    @answers(list[FoundSession], query=OF_SESSION, open_ended=True)
    def sessions(self, request: Request, **address: str) -> JSONResponse:
        """The hundred newest sessions whose name contains `search`."""
        stats = self.get_object()
        sent = validate(request.query_params, OF_SESSION, extra_keys_ok=True)
        search = sent["search"].casefold().strip()
        every = list(of(stats).order_by("-time_ended", "session_id"))
        shown = shown_on(every, all_there_are=True)
        found = [s for s in every if search in shown[s.pk].name.casefold()][:MOST]
        body: list[FoundSession] = [
            {**each, "__textScore": len(search) / max(len(each["name"]), 1)}
            for each in session_documents(found)
        ]
        return success(f"Retrieved {len(body)} sessions.", body)

    @action(detail=True, url_path="sessions/highlighted")
    @answers(list[ListedSessionDocument])
    def highlighted_sessions(self, request: Request, **address: str) -> JSONResponse:
        """The hundred newest sessions that are highlighted."""
        stats = self.get_object()
        pks = highlighted(stats.user_id, stats.gpt)
        newest = Session.objects.filter(pk__in=pks).order_by("-time_ended")[:MOST]
        body = session_listing(newest)
        return success(f"Returned {len(body)} sessions.", body)

    @action(detail=True, url_path="sessions/last")
    @answers(LastSession)
    def last_session(self, request: Request, **address: str) -> JSONResponse:
        """The last session of a player; 404 where there is none."""
        stats = self.get_object()
        newest = of(stats).order_by("-time_ended", "session_id")[:1]
        listed = session_listing(newest)
        if not listed:
            raise Refused(404, "This user has not got any sessions!")
        session = dict(listed[0])
        info = session.pop("__scoreInfo")
        return success("Returned a session.", {"session": session, "scoreInfo": info})

    @action(detail=True, url_path="sessions/calendar")
    @answers(list[CalendarSession])
    def sessions_calendar(self, request: Request, **address: str) -> JSONResponse:
        """All sessions of a player, oldest first, as a calendar shows them."""
        sessions = of(self.get_object())
        body = calendar(sessions.order_by("time_started", "session_id"))
        return success(f"Found {len(body)} events.", body)


def of(stats: GameStats) -> QuerySet[Session]:
    """The player's sessions in the game and playtype."""
    return Session.objects.filter(user=stats.user, gpt=stats.gpt)


def found_charts(request: Request, stats: GameStats) -> QuerySet[Chart]:
    """The charts of the hundred songs that the query finds. Raises Refused (400)
    without one.
    """
    sent = validate(request.query_params, SEARCH, extra_keys_ok=True)
    songs: QuerySet[Song] = songs_like(sent["search"], [stats.gpt.split(":")[0]])
    return Chart.objects.filter(
        song__in=list(songs.values_list("pk", flat=True)[:MOST])
    )
