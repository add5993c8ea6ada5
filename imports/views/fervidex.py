"""What fervidex sends: plays, the player's profile, courses."""

from functools import partial
from typing import Any, Literal, NotRequired, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.declared_classes import declare
from imports.documents import ImportDocument
from imports.formats.fervidex import COURSE, SCORE, dan_of
from imports.formats.fervidex import IMPORT_TYPE as PLAY
from imports.formats.fervidex_profile import IMPORT_TYPE as PROFILE
from imports.formats.fervidex_software import (
    is_infinitas,
    require_fervidex,
    version_of,
)
from imports.hook_settings import require_card, take_static_import
from imports.models import Hook
from imports.pipeline import submit
from imports.views.answers import outcome
from imports.views.hooks import HOOK, HookViewSet
from imports.views.sent import hook_sent, import_here, single_body
from tachi.accounts.authentication import user_of
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.api.validation import validate

HEADERS = {
    "User-Agent": "`fervidex/` and its version, 1.3.0 or later.",
    "X-Software-Model": "The build of the game, like `LDJ:J:E:A:2021091500`.",
    "X-Account-Id": "The card; asked for where the player has said which ones count.",
}
SENT: dict[str, Any] = {**HOOK, "headers": HEADERS}
PROFILE_BODY = {
    "type": "object",
    "description": "Bests by song and chart, and dans; see docs/formats.md.",
}


class Declared(TypedDict):
    """What became of a class. Where a course was cleared there is no `body`."""

    success: Literal[True]
    description: str
    body: NotRequired[Empty]


class FervidexViewSet(HookViewSet):
    """fervidex, the hook of beatmania IIDX."""

    import_type = PLAY

    @action(detail=False, methods=["post"], url_path="score/submit")
    @answers(ImportDocument, name="submit_fervidex_score", **{**SENT, "sent": SCORE})
    def score(self, request: Request) -> JSONResponse:
        """Import the play that has just ended.

        With `highlight` the score is marked, be it new or known.
        """
        version = game_of(request)
        return outcome(
            request, import_here(request, PLAY, request.data, version=version)
        )

    @action(detail=False, methods=["post"], url_path="profile/submit")
    @answers(
        Empty,
        status=202,
        name="submit_fervidex_profile",
        **{**SENT, "also": {}, "sent": PROFILE_BODY},
    )
    def profile(self, request: Request) -> JSONResponse:
        """Import the bests that the game keeps, and the dans, in the background.

        The scores count for INFINITAS, and otherwise once after `forceStaticImport` was
        set; the dans always do. It is 202 whatever will become of it.
        """
        version = game_of(request)
        model = request.headers["X-Software-Model"]
        wanted = partial(scores_wanted, request, is_infinitas(model))
        submit(hook_sent(request, PROFILE, request.data, wanted, version=version))
        return success("The profile will be imported.", {}, 202)

    @action(detail=False, methods=["post"], url_path="class/submit")
    @answers(
        Declared,
        name="submit_fervidex_class",
        media_type="application/json",
        **{**SENT, "also": {}, "sent": COURSE},
    )
    def course(self, request: Request) -> JSONResponse:
        """Declare the dan of a course that was cleared.

        It is an import without scores, of type ir/fervidex, unless fervidex has said
        so before. A dan only ever rises.
        """
        game_of(request)
        sent = validate(single_body(request), COURSE.fields, extra_keys_ok=True)
        if not sent["cleared"]:
            return success("The course was not cleared: nothing changes.", {})
        raised = declare(hook_sent(request, PLAY, sent), *dan_of(sent))
        changed = "Dan changed!" if raised else "Dan unchanged."
        return JSONResponse({"success": True, "description": changed})


def game_of(request: Request) -> str:
    """The version of the game that a request is from.

    Raises ImportRefused for headers that are none of fervidex's, and UnknownCard.
    """
    require_fervidex(request.headers.get("User-Agent", ""))
    version = version_of(request.headers.get("X-Software-Model", ""))
    card = request.headers.get("X-Account-Id", "")
    require_card(user_of(request), Hook.FERVIDEX, card)
    return version


def scores_wanted(request: Request, always: bool) -> dict[str, Any]:
    """Whether a profile's scores are to be imported, as a parameter of its import."""
    return {"scores": always or take_static_import(user_of(request), Hook.FERVIDEX)}
