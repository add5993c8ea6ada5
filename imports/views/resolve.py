"""Which chart a name means, as imports would read it: for bots and hooks."""

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.matching.match import match
from imports.matching.names import Name, NoMatch
from imports.matching.rules import MATCH_TYPES
from scores.documents import ParentsOf, parents_of
from scores.views.addresses import get_game
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import one_of, optional, string, text, validate
from tachi.api.viewsets import ResourceViewSet

QUERY = {
    "identifier": string(1, 1000).described("The name."),
    "matchType": one_of(*MATCH_TYPES).described("What kind of name it is."),
    "difficulty": optional(text),
    "artist": optional(text).described("Of two songs of one title, whose."),
    "version": optional(text).described("The version of the game that is meant."),
}


class ResolveViewSet(ResourceViewSet):
    """Which chart a name means."""

    tag = "charts"

    lookup_url_kwarg = "playtype"

    @action(detail=True, url_path="charts/resolve")
    @answers(ParentsOf, query=QUERY, refuses={404: "It means no chart, or several."})
    def resolve(self, request: Request, game: str, playtype: str) -> JSONResponse:
        """The chart that a name means, with its song, as an import would read it."""
        rules = get_game(game, playtype)
        sent = validate(request.query_params, QUERY)
        name = Name(
            match_type=sent["matchType"],
            identifier=sent["identifier"],
            difficulty=sent.get("difficulty"),
            artist=sent.get("artist"),
        )
        (found,) = match(rules, sent.get("version"), [name])
        if isinstance(found, NoMatch):
            raise Refused(404, found.message)
        return success("Found song & chart.", parents_of(found))
