"""What a player did in one game: profile, bests, scores and sessions."""

from collections.abc import Iterable
from typing import Any, NotRequired, TypedDict

from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, NullIf
from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    BestDocument,
    ChartDocument,
    ListedSessionDocument,
    Parents,
    ProfileDocument,
    RankedGameStatsDocument,
    ScoreDocument,
    ScoreListing,
    first_of,
    parents,
    parents_of,
    pb_documents,
    plain,
    profile_document,
    ranked_profiles,
    score_documents,
    score_listing,
    session_listing,
)
from scores.filters import ScoreFilterSet, SessionFilterSet
from scores.games import GAMES
from scores.models import GameStats, PersonalBest, Score, Session
from scores.views.addresses import PlayerResourceViewSet, get_chart
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import Refused, success
from tachi.api.filters import narrowed
from tachi.api.openapi import answers
from tachi.api.paging import LINK, PAGING, Next, Order, page
from tachi.api.rendering import JSONResponse
from tachi.api.throttles import Aggressive, WholeList
from tachi.api.validation import one_of, optional, text, validate

# Lists of equals do not go by primary keys: those are new after a revert and a restore.
NEWEST = Order(("-time_achieved", "score_id"), frozenset({"time_achieved"}))
LAST_PLAYED = Order(("-time_ended", "session_id"))
RECENT = 100
SCORES: dict[str, Any] = {
    "query": {**ScoreFilterSet.query(), **PAGING},
    "response_headers": {"Link": LINK},
}
SESSIONS = {**SCORES, "query": {**SessionFilterSet.query(), **PAGING}}

ALG = {"alg": optional(text).described("A rating; that of the game if not given.")}
COMPOSITION = {
    "getComposition": optional(text).described("Its scores, too. Any value will do.")
}


class BestListing(Parents):
    """Personal bests with their songs and charts."""

    pbs: list[BestDocument]


class ScorePages(ScoreListing, Next):
    """Scores with their songs and charts, and where the next page begins."""


class BestPage(TypedDict):
    """A personal best, and the scores that it is made of, if asked for."""

    pb: BestDocument
    chart: ChartDocument
    scores: NotRequired[list[ScoreDocument]]


class ProfileViewSet(UserResourceViewSet):
    """A user's profiles: one for each game and playtype that they have played."""

    @action(detail=False, url_path="game-stats")
    @answers(list[RankedGameStatsDocument])
    def game_stats(self, request: Request, user: str) -> JSONResponse:
        """All profiles of a user with their ranks, `__rankingData`."""
        player = self.get_user()
        stats = GameStats.objects.filter(user=player).order_by("gpt")
        body = ranked_profiles(stats)
        return success(f"Returned {len(body)} profiles of {player.username}.", body)


class WholeProfileViewSet(PlayerResourceViewSet):
    """A user as the player of one game and playtype.

    `imports.urls` has its address: there it may be wiped, too.
    """

    tag = "players"

    @answers(ProfileDocument, name="player_retrieve")
    def retrieve(
        self, request: Request, user: str, game: str, playtype: str
    ) -> JSONResponse:
        """A player's profile: ratings, classes, ranks, first and last score."""
        stats = self.get_object()
        return success(
            f"Retrieved user statistics for {stats.user.username} ({game} {playtype})",
            profile_document(stats),
        )


class PlayerViewSet(PlayerResourceViewSet):
    """What a user has as the player of one game and playtype."""

    @action(detail=True, url_path="pbs/all", throttle_classes=[Aggressive])
    @answers(BestListing)
    def all_pbs(self, request: Request, **address: str) -> JSONResponse:
        """All personal bests on primary charts, with their songs and charts."""
        bests = played(PersonalBest, self.get_object()).filter(is_primary=True)
        pbs = pb_documents(bests.order_by("chart"))
        body = {"pbs": pbs, **parents(bests)}
        return success(f"Returned {len(pbs)} PBs.", body)

    @action(detail=True, url_path="pbs/best")
    @answers(BestListing, query=ALG)
    def best_pbs(self, request: Request, **address: str) -> JSONResponse:
        """The hundred best personal bests on primary charts, by the rating `alg`."""
        stats = self.get_object()
        rules = GAMES[stats.gpt]
        alg = asked_rating(request, rules.score_ratings) or rules.default_ratings.score
        rating = F(f"rating_{rules.rating_position[alg] + 1}").desc(nulls_last=True)
        bests = played(PersonalBest, stats).filter(is_primary=True)
        bests = first_of(bests.order_by(rating, "chart"), 100)
        pbs = pb_documents(bests)
        body = {"pbs": pbs, **parents(bests)}
        return success(f"Retrieved {len(pbs)} personal bests.", body)

    @action(detail=True, url_path="pbs/<chart_id>")
    @answers(BestPage, query=COMPOSITION)
    def pb(self, request: Request, chart_id: str, **address: str) -> JSONResponse:
        """The personal best on a chart.

        With `getComposition` in the query come the scores that it is made of.
        """
        stats = self.get_object()
        chart = get_chart(stats.gpt, chart_id)
        bests = PersonalBest.objects.filter(user=stats.user, chart=chart)
        documents = pb_documents(bests)
        if not documents:
            raise Refused(404, f"{stats.user.username} has not played this chart.")
        best = plain(documents[0])
        body: dict[str, Any] = {"pb": best, "chart": parents_of(chart)["chart"]}
        if "getComposition" in request.query_params:
            parts = [part["scoreID"] for part in best["composedFrom"]]
            scores = Score.objects.filter(score_id__in=parts)
            body["scores"] = score_documents(scores.order_by(*NEWEST.expressions()))
        return success("Successfully retrieved PB for user.", body)

    @action(detail=True, url_path="scores/all", throttle_classes=[WholeList])
    @answers(ScorePages, **SCORES)
    def all_scores(self, request: Request, **address: str) -> JSONResponse:
        """All scores on primary charts, newest first, with their songs and charts."""
        scores = played(Score, self.get_object()).filter(chart__is_primary=True)
        shown = page(request, asked_for(request, scores), NEWEST)
        listing = score_listing(shown.rows)
        body = {**listing, **shown.more}
        text = f"Returned {len(listing['scores'])} scores."
        return success(text, body, headers=shown.headers)

    @action(detail=True, url_path="scores/recent")
    @answers(ScorePages, **SCORES)
    def recent_scores(self, request: Request, **address: str) -> JSONResponse:
        """The hundred newest scores, with their songs and charts.

        Pages go on beyond the hundredth.
        """
        scores = asked_for(request, played(Score, self.get_object()))
        shown = page(request, scores, NEWEST, RECENT)
        listing = score_listing(shown.rows)
        body = {**listing, **shown.more}
        text = f"Retrieved {len(listing['scores'])} scores."
        return success(text, body, headers=shown.headers)

    @action(detail=True, url_path="scores/<chart_id>")
    @answers(list[ScoreDocument], **SCORES)
    def scores_on_chart(
        self, request: Request, chart_id: str, **address: str
    ) -> JSONResponse:
        """All scores on a chart, newest first."""
        stats = self.get_object()
        chart = get_chart(stats.gpt, chart_id)
        scores = Score.objects.filter(user=stats.user, chart=chart)
        shown = page(request, asked_for(request, scores), NEWEST)
        body = score_documents(shown.rows)
        return success(f"Returned {len(body)} scores.", body, headers=shown.headers)

    @action(detail=True, url_path="sessions/recent")
    @answers(list[ListedSessionDocument], **SESSIONS)
    def recent_sessions(self, request: Request, **address: str) -> JSONResponse:
        """The hundred newest sessions.

        Pages go on beyond the hundredth.
        """
        sessions = asked_for(request, played(Session, self.get_object()))
        shown = page(request, sessions, LAST_PLAYED, RECENT)
        body = session_listing(shown.rows)
        return success(f"Returned {len(body)} sessions.", body, headers=shown.headers)

    @action(detail=True, url_path="sessions/best")
    @answers(list[ListedSessionDocument], query=ALG)
    def best_sessions(self, request: Request, **address: str) -> JSONResponse:
        """The hundred best sessions, by the session rating `alg`."""
        stats = self.get_object()
        rules = GAMES[stats.gpt]
        ratings = rules.session_ratings
        alg = asked_rating(request, ratings) or rules.default_ratings.session
        # SQLite reads a null in JSON as the text "null".
        rating = Cast(NullIf(KT(f"ratings__{alg}"), Value("null")), FloatField())
        sessions = played(Session, stats)
        best = sessions.order_by(rating.desc(nulls_last=True), "session_id")[:100]
        body = session_listing(best)
        return success(f"Retrieved {len(body)} sessions.", body)


def played(
    model: type[Score] | type[PersonalBest] | type[Session], stats: GameStats
) -> QuerySet[Any]:
    """The player's scores, personal bests or sessions in the game and playtype."""
    return model.objects.filter(user=stats.user, gpt=stats.gpt)


def asked_for(request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The scores or sessions that the query's filters leave; 400 for a bad value."""
    filters = ScoreFilterSet if rows.model is Score else SessionFilterSet
    wanted = validate(request.query_params, filters.query(), extra_keys_ok=True)
    return narrowed(filters, wanted, rows)


def asked_rating(request: Request, ratings: Iterable[str]) -> str | None:
    """The rating that the query names, if any; 400 for one the game does not have."""
    known = {"alg": optional(one_of(*ratings))}
    return validate(request.query_params, known).get("alg")
