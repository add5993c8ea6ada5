"""What players did lately: everybody, one, in one game or in all.

Here and not beside the other reads of a player, as classes are told by imports.
"""

from dataclasses import replace
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.activity import Activity, Asked, activity
from scores.games import GAMES
from scores.models import GameStats
from scores.views.addresses import PlayerResourceViewSet, get_game
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import one_of, optional, that, validate
from tachi.api.viewsets import ResourceViewSet

FEWEST, MOST = 10, 100
LATEST = 2**53


def whole(sent: object) -> int | None:
    """A number in a query, rounded down; None for what is none."""
    try:
        number = float(sent) if isinstance(sent, str) else None
    except ValueError:
        return None
    return int(number) if number is not None and abs(number) <= LATEST else None


QUERY: dict[str, Any] = {
    "query": {
        "startTime": optional(
            that(
                lambda sent: sent == "" or whole(sent) is not None,
                "Invalid startTime, got a non number.",
                {"type": "string"},
            )
        ).described("Before this time, in unix milliseconds: for the next page."),
        "sessions": optional(
            that(
                lambda sent: FEWEST <= (whole(sent) or 0) <= MOST,
                f"Expected an integer between {FEWEST} and {MOST}.",
                {"type": "integer", "minimum": FEWEST, "maximum": MOST},
            )
        ).described("How many sessions a page has; 30 if not given."),
    },
    "open_ended": True,
    "tag": "players",
}
OF_USER: dict[str, Any] = {
    **QUERY,
    "query": {
        **QUERY["query"],
        "includeRivals": optional(one_of("true", "false")),
        "includeFollowers": optional(one_of("true", "false")),
    },
}


class ActivityViewSet(ResourceViewSet):
    """What everybody did lately."""

    @answers(dict[str, Activity], **QUERY)
    def list(self, request: Request) -> JSONResponse:
        """What everybody did lately, by game and playtype (`sdvx:Single`)."""
        asked = asked_by(request, Asked(gpts=list(GAMES)))
        return success("Returned global activity.", activity(asked))


class GameActivityViewSet(ResourceViewSet):
    """What everybody did lately in one game and playtype."""

    lookup_url_kwarg = "playtype"

    @action(detail=True, url_path="activity")
    @answers(Activity, **QUERY)
    def game_activity(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """What everybody did lately in one game and playtype."""
        gpt = get_game(game, playtype).gpt
        asked = asked_by(request, Asked(gpts=[gpt]))
        return success("Retrieved activity.", activity(asked)[gpt])


class UserActivityViewSet(UserResourceViewSet):
    """What a user did lately."""

    @action(detail=False, url_path="activity")
    @answers(dict[str, Activity], **OF_USER)
    def user_activity(self, request: Request, user: str) -> JSONResponse:
        """What a user did lately, by game and playtype (`sdvx:Single`).

        Of all that they have played. Nobody is followed here, and has no rivals.
        """
        player = self.get_user()
        played = GameStats.objects.filter(user=player).order_by("gpt")
        gpts = list(played.values_list("gpt", flat=True))
        asked = asked_by(request, Asked(gpts, player), OF_USER["query"])
        return success("Returned recent activity.", activity(asked))


class PlayerActivityViewSet(PlayerResourceViewSet):
    """What a player did lately in one game and playtype."""

    @action(detail=True, url_path="activity")
    @answers(Activity, **QUERY)
    def player_activity(self, request: Request, **address: str) -> JSONResponse:
        """What a player did lately in one game and playtype."""
        stats = self.get_object()
        asked = asked_by(request, Asked([stats.gpt], stats.user))
        return success("Retrieved activity.", activity(asked)[stats.gpt])


def asked_by(request: Request, asked: Asked, query: Any = QUERY["query"]) -> Asked:
    """What is asked for, with the page that the query names. Raises Refused (400)."""
    sent = validate(request.query_params, query, extra_keys_ok=True)
    before = whole(sent.get("startTime") or None)
    return replace(
        asked, before=before, sessions=whole(sent.get("sessions")) or asked.sessions
    )
