"""What is not kept here, and clients cannot do without: empty, in the right shape.

Goals, quests, showcases, folders and tables.
"""

from typing import Annotated, Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from scores.views.addresses import PlayerResourceViewSet, get_chart, get_game
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import optional, text
from tachi.api.viewsets import ResourceViewSet

Nothing = Annotated[list[dict[str, Any]], "Empty: these are not kept here."]
#: A client's form for settings reads the default table, or else the first one that it
#: offers, whether there is one or not. It offers none that is inactive.
NO_TABLE = {
    "tableID": "none",
    "title": "None",
    "description": "Tables are not kept here.",
    "folders": [],
    "inactive": True,
    "default": True,
}
SHOW_INACTIVE = {
    "showInactive": optional(text).described("Inactive ones, too. Any value will do.")
}


class TargetSubscriptions(TypedDict):
    """The goals and quests that a player follows."""

    goalSubs: Nothing
    questSubs: Nothing


class Targets(TargetSubscriptions):
    """The goals and quests that a player follows, with what they are."""

    goals: Nothing
    quests: Nothing


class Table(TypedDict):
    """A list of folders."""

    tableID: str
    title: str
    description: str
    game: str
    playtype: str
    folders: list[str]
    inactive: bool
    default: bool


class PlayerTargetsViewSet(PlayerResourceViewSet):
    """A player's goals, quests and showcase: there are none."""

    tag = "players"

    @action(detail=True, url_path="targets/all-subs")
    @answers(TargetSubscriptions)
    def all_targets(self, request: Request, **address: str) -> JSONResponse:
        """The goals and quests that a player follows: none are kept here."""
        self.get_object()
        body: TargetSubscriptions = {"goalSubs": [], "questSubs": []}
        return success("Returned all target subscriptions.", body)

    @action(detail=True, url_path="targets/on-chart/<chart_id>")
    @answers(Targets)
    def targets_on_chart(
        self, request: Request, chart_id: str, **address: str
    ) -> JSONResponse:
        """The goals and quests of a player that a chart is in: none are kept here."""
        get_chart(self.get_object().gpt, chart_id)
        body: Targets = {"goals": [], "goalSubs": [], "quests": [], "questSubs": []}
        return success("Found pertinent goals.", body)

    @action(detail=True)
    @answers(list[dict[str, Any]])
    def showcase(self, request: Request, **address: str) -> JSONResponse:
        """What a player shows on the profile: none is kept here."""
        self.get_object()
        return success("Evaluated 0 stats.", [])


class TableViewSet(ResourceViewSet):
    """The tables of a game and playtype: there are none."""

    tag = "games"

    lookup_url_kwarg = "playtype"

    @action(detail=True)
    @answers(list[Table], query=SHOW_INACTIVE, open_ended=True)
    def tables(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """The tables of a game and playtype: none are kept here.

        Among inactive ones there is one, without folders and not to be chosen, for
        clients that expect a default one.
        """
        rules = get_game(game, playtype)
        place = {"game": rules.name, "playtype": rules.playtype}
        inactive = "showInactive" in request.query_params
        body = [{**NO_TABLE, **place}] if inactive else []
        return success(f"Returned {len(body)} tables.", body)
