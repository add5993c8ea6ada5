"""Who is best in a game, and who is beside a player."""

from typing import Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents import (
    BestDocument,
    ChartDocument,
    GameStatsDocument,
    Parents,
    game_stats_document,
    leaderboard_documents,
    parents,
    parents_of,
    pb_documents,
    ranked_profiles,
)
from scores.documents.leaderboards import best_of_all, by_rating, neighbours
from scores.documents.profiles import Ranking
from scores.games import GAMES
from scores.models import GameStats, PersonalBest
from scores.views.addresses import PlayerResourceViewSet, get_chart, get_game
from tachi.accounts.documents import UserDocument, user_document
from tachi.accounts.models import User
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import one_of, optional, text, that, validate
from tachi.api.viewsets import ResourceViewSet
from tachi.schema import Check

BESIDE = 5
PLAYERS, BESTS, FOUND = 500, 50, 25
ALG = {"alg": optional(text).described("A rating; that of the game if not given.")}
SEARCH = {"search": text.described("A part of the name.")}


def limit(most: int) -> Check:
    """How many to list: a number in a query."""
    return optional(
        that(
            lambda sent: (
                isinstance(sent, str)
                and sent.isascii()
                and sent.isdigit()
                and len(sent) < 10
                and 1 <= int(sent) <= most
            ),
            f"Expected an integer between 1 and {most}.",
            {"type": "integer", "minimum": 1, "maximum": most},
        )
    )


class Players(TypedDict):
    """Players of a game, best first, and who they are."""

    gameStats: list[GameStatsDocument]
    users: list[UserDocument]


class Bests(Parents):
    """Personal bests of all players, best first, and whose they are."""

    pbs: list[BestDocument]
    users: list[UserDocument]


class Beside(TypedDict):
    """A player among those just above and below, each best first."""

    above: list[GameStatsDocument]
    below: list[GameStatsDocument]
    users: list[UserDocument]
    thisUsersStats: GameStatsDocument
    thisUsersRanking: Ranking


class BestBeside(TypedDict):
    """A personal best among those just above and below on its chart."""

    pb: BestDocument
    chart: ChartDocument
    adjacentAbove: list[BestDocument]
    adjacentBelow: list[BestDocument]
    users: list[UserDocument]


class BestAmongRivals(TypedDict):
    """A player's best on a chart, if there is one, and those of rivals: none."""

    pbs: list[BestDocument]
    rivals: list[UserDocument]


class GameLeaderboardViewSet(ResourceViewSet):
    """Who is best in a game."""

    tag = "games"

    lookup_url_kwarg = "playtype"

    @action(detail=True)
    @answers(Players, query={**ALG, "limit": limit(PLAYERS)}, open_ended=True)
    def leaderboard(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """The players of a game, best first, by the rating `alg`; a hundred of them."""
        rules = get_game(game, playtype)
        sent = asked(request, rules.profile_ratings, limit(PLAYERS))
        alg = sent.get("alg", rules.default_ratings.profile)
        stats = list(by_rating(rules.gpt, alg)[: int(sent.get("limit", 100))])
        body: Players = {
            "gameStats": [game_stats_document(each) for each in stats],
            "users": users_of([each.user_id for each in stats]),
        }
        return success(f"Returned {len(stats)} players.", body)

    @action(detail=True, url_path="pb-leaderboard")
    @answers(Bests, query={**ALG, "limit": limit(BESTS)}, open_ended=True)
    def pb_leaderboard(
        self, request: Request, game: str, playtype: str
    ) -> JSONResponse:
        """The fifty best personal bests of all players, by the rating `alg`."""
        rules = get_game(game, playtype)
        sent = asked(request, rules.score_ratings, limit(BESTS))
        alg = sent.get("alg", rules.default_ratings.score)
        most = int(sent.get("limit", BESTS))
        bests = best_of_all(rules.gpt, rules.rating_position[alg] + 1, most)
        pbs = pb_documents(bests)
        body: Bests = {
            "pbs": pbs,
            **parents(bests),
            "users": users_of([pb["userID"] for pb in pbs]),
        }
        return success(f"Returned {len(pbs)} PBs.", body)

    @action(detail=True)
    @answers(list[UserDocument], query=SEARCH)
    def players(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """Up to 25 players of a game whose name contains `search`."""
        rules = get_game(game, playtype)
        sent = validate(request.query_params, SEARCH)
        players = GameStats.objects.filter(gpt=rules.gpt).values("user")
        users = User.objects.filter(
            pk__in=players, username__icontains=sent["search"]
        ).order_by("-last_seen", "id")
        body = [user_document(user) for user in users[:FOUND]]
        return success(f"Found {len(body)} users.", body)


class NeighbourViewSet(PlayerResourceViewSet):
    """Who is beside a player."""

    tag = "players"

    @action(detail=True, url_path="leaderboard-adjacent")
    @answers(Beside, query=ALG, open_ended=True)
    def leaderboard_adjacent(self, request: Request, **address: str) -> JSONResponse:
        """The five players just above, and the five just below, by the rating `alg`."""
        stats = self.get_object()
        rules = GAMES[stats.gpt]
        sent = asked(request, rules.profile_ratings)
        alg = sent.get("alg", rules.default_ratings.profile)
        above, below = neighbours(stats, alg, BESIDE)
        (ranked,) = ranked_profiles([stats])
        unranked: Ranking = {"ranking": len(above) + 1, "outOf": len(above + below) + 1}
        body: Beside = {
            "above": [game_stats_document(each) for each in above],
            "below": [game_stats_document(each) for each in below],
            "users": users_of([each.user_id for each in above + below]),
            "thisUsersStats": game_stats_document(stats),
            "thisUsersRanking": ranked["__rankingData"].get(alg, unranked),
        }
        return success(f"Returned {len(above + below)} nearby players.", body)

    @action(detail=True, url_path="pbs/<chart_id>/leaderboard-adjacent")
    @answers(BestBeside)
    def best_adjacent(
        self, request: Request, chart_id: str, **address: str
    ) -> JSONResponse:
        """A personal best, the five just above it on its chart, and the five below."""
        stats = self.get_object()
        chart = get_chart(stats.gpt, chart_id)
        own = pb_documents(PersonalBest.objects.filter(user=stats.user, chart=chart))
        if not own:
            raise Refused(404, f"{stats.user.username} has not played this chart.")
        rank = own[0]["rankingData"]["rank"]
        first = max(rank - BESIDE, 1)
        near = leaderboard_documents(chart, first, rank - first + 1 + BESIDE)
        above = [pb for pb in near if pb["rankingData"]["rank"] < rank]
        below = [pb for pb in near if pb["rankingData"]["rank"] > rank]
        body: BestBeside = {
            "pb": own[0],
            "chart": parents_of(chart)["chart"],
            "adjacentAbove": above[::-1],
            "adjacentBelow": below,
            "users": users_of([pb["userID"] for pb in above + below]),
        }
        return success("Successfully retrieved PB for user.", body)

    @action(detail=True, url_path="pbs/<chart_id>/rivals")
    @answers(BestAmongRivals)
    def best_among_rivals(
        self, request: Request, chart_id: str, **address: str
    ) -> JSONResponse:
        """A personal best, if there is one, beside those of rivals: nobody has any."""
        stats = self.get_object()
        chart = get_chart(stats.gpt, chart_id)
        own = PersonalBest.objects.filter(user=stats.user, chart=chart)
        body: BestAmongRivals = {"pbs": pb_documents(own), "rivals": []}
        return success("Retrieved PBs and Rival PBs.", body)


def asked(request: Request, ratings: Any, most: Check | None = None) -> dict[str, Any]:
    """The rating and the limit that the query names. Raises Refused (400)."""
    known: dict[str, Check] = {"alg": optional(one_of(*ratings))}
    if most is not None:
        known["limit"] = most
    return validate(request.query_params, known, extra_keys_ok=True)


def users_of(user_ids: list[int]) -> list[UserDocument]:
    """These users, each once."""
    users = User.objects.in_bulk(user_ids)
    return [user_document(users[user_id]) for user_id in dict.fromkeys(user_ids)]
