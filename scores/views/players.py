"""What a player did in one game: profile, bests, scores and sessions."""

from collections.abc import Iterable

from django.db.models import F, FloatField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, NullIf
from rest_framework.decorators import api_view, throttle_classes
from rest_framework.request import Request

from scores.documents import (
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
from scores.games import GAMES
from scores.models import GameStats, PersonalBest, Score, Session
from scores.views.addresses import get_chart, get_player
from tachi.accounts.users import get_user
from tachi.api.envelope import Refused, success
from tachi.api.throttles import Aggressive, HyperAggressive
from tachi.api.validation import one_of, optional, validate

# Lists of equals do not go by primary keys: those are new after a revert and a restore.
NEWEST = (F("time_achieved").desc(nulls_last=True), "score_id")


@api_view(["GET"])
def profiles(request: Request, user: str):
    player = get_user(request, user)
    stats = GameStats.objects.filter(user=player).order_by("gpt")
    body = ranked_profiles(stats)
    return success(f"Returned {len(body)} profiles of {player.username}.", body)


@api_view(["GET"])
def profile(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    return success(
        f"Retrieved user statistics for {stats.user.username} ({game} {playtype})",
        profile_document(stats),
    )


@api_view(["GET"])
@throttle_classes([Aggressive])
def all_pbs(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    bests = PersonalBest.objects.filter(user=stats.user, gpt=stats.gpt, is_primary=True)
    body = {"pbs": pb_documents(bests.order_by("chart")), **parents(bests)}
    return success(f"Returned {len(body['pbs'])} PBs.", body)


@api_view(["GET"])
def best_pbs(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    rules = GAMES[stats.gpt]
    alg = asked_rating(request, rules.score_ratings) or rules.default_ratings.score
    rating = F(f"rating_{rules.rating_position[alg] + 1}").desc(nulls_last=True)
    bests = PersonalBest.objects.filter(user=stats.user, gpt=stats.gpt, is_primary=True)
    bests = bests.order_by(rating, "chart")[:100]
    body = {"pbs": pb_documents(bests), **parents(bests)}
    return success(f"Retrieved {len(body['pbs'])} personal bests.", body)


@api_view(["GET"])
def pb(request: Request, user: str, game: str, playtype: str, chart_id: str):
    stats = get_player(request, user, game, playtype)
    chart = get_chart(stats.gpt, chart_id)
    bests = PersonalBest.objects.filter(user=stats.user, chart=chart)
    # A best that an import replaces while it is being ranked is not found: look again.
    documents = pb_documents(bests) or pb_documents(bests)
    if not documents:
        raise Refused(404, f"{stats.user.username} has not played this chart.")
    best = plain(documents[0])
    body = {"pb": best, "chart": parents_of(chart)["chart"]}
    if "getComposition" in request.query_params:
        parts = [part["scoreID"] for part in best["composedFrom"]]
        scores = Score.objects.filter(score_id__in=parts)
        body["scores"] = score_documents(scores.order_by(*NEWEST))
    return success("Successfully retrieved PB for user.", body)


@api_view(["GET"])
@throttle_classes([HyperAggressive])
def all_scores(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    scores = Score.objects.filter(user=stats.user, gpt=stats.gpt)
    scores = scores.filter(chart__is_primary=True).order_by(*NEWEST)
    body = score_listing(scores)
    return success(f"Returned {len(body['scores'])} scores.", body)


@api_view(["GET"])
def recent_scores(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    scores = Score.objects.filter(user=stats.user, gpt=stats.gpt)
    body = score_listing(scores.order_by(*NEWEST)[:100])
    return success(f"Retrieved {len(body['scores'])} scores.", body)


@api_view(["GET"])
def scores_on_chart(
    request: Request, user: str, game: str, playtype: str, chart_id: str
):
    stats = get_player(request, user, game, playtype)
    chart = get_chart(stats.gpt, chart_id)
    scores = Score.objects.filter(user=stats.user, chart=chart)
    body = score_documents(scores.order_by(*NEWEST))
    return success(f"Returned {len(body)} scores.", body)


@api_view(["GET"])
def recent_sessions(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    sessions = Session.objects.filter(user=stats.user, gpt=stats.gpt)
    body = session_listing(sessions.order_by("-time_ended")[:100])
    return success(f"Returned {len(body)} sessions.", body)


@api_view(["GET"])
def best_sessions(request: Request, user: str, game: str, playtype: str):
    stats = get_player(request, user, game, playtype)
    rules = GAMES[stats.gpt]
    alg = asked_rating(request, rules.session_ratings) or rules.default_ratings.session
    sessions = Session.objects.filter(user=stats.user, gpt=stats.gpt)
    # SQLite reads a null in JSON as the text "null".
    rating = Cast(NullIf(KT(f"ratings__{alg}"), Value("null")), FloatField())
    best = sessions.order_by(rating.desc(nulls_last=True), "session_id")[:100]
    body = session_listing(best)
    return success(f"Retrieved {len(body)} sessions.", body)


def asked_rating(request: Request, ratings: Iterable[str]) -> str | None:
    """The rating that the query names, if any; 400 for one the game does not have."""
    known = {"alg": optional(one_of(*ratings))}
    return validate(request.query_params, known).get("alg")
