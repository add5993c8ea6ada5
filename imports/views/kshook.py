"""What kshook sends: plays, and all bests that the game keeps."""

from functools import partial
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.documents import ImportDocument
from imports.formats.kshook import EXPORT, ROW, SAVE, SCORE, require_konaste
from imports.hook_settings import StaticImportOff, require_static_import
from imports.models import Hook
from imports.pipeline import submit
from imports.views.answers import outcome
from imports.views.hooks import HOOK, HookViewSet
from imports.views.sent import hook_sent, import_here
from tachi.accounts.authentication import user_of
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.schema import array, document

HEADERS = {
    "User-Agent": "`kshook/` and its version.",
    "X-Software-Model": "The build of the game, like `QCV:J:B:A:2025042200`.",
}
SENT: dict[str, Any] = {**HOOK, "headers": HEADERS}
OFF = (
    "Nothing was imported: set forceStaticImport among your settings for kshook to"
    " import all scores once."
)


class KsHookViewSet(HookViewSet):
    """kshook, the hook of SOUND VOLTEX Konaste."""

    import_type = SAVE
    offered_first = True

    @action(detail=False, methods=["post"], url_path="score/save")
    @answers(ImportDocument, name="save_kshook_score", **{**SENT, "sent": SCORE})
    def save(self, request: Request) -> JSONResponse:
        """Import the play that has just ended."""
        require_kshook(request)
        return outcome(request, import_here(request, SAVE, request.data))

    @action(detail=False, methods=["post"], url_path="score/export")
    @answers(
        ImportDocument | Empty,
        name="export_kshook_scores",
        **{**SENT, "sent": document(scores=array(ROW).or_null())},
    )
    def export(self, request: Request) -> JSONResponse:
        """Import all bests that the game keeps, once after `forceStaticImport` was set.

        Otherwise it is 200 and nothing happens.
        """
        require_kshook(request)
        once = partial(require_static_import, user_of(request), Hook.KSHOOK_SV6C)
        sent = hook_sent(request, EXPORT, request.data, once)
        try:
            import_ = submit(sent, here=True)
        except StaticImportOff:
            return success(OFF, {})
        return outcome(request, import_)


def require_kshook(request: Request) -> None:
    """Raises ImportRefused for headers that are none of kshook's."""
    agent = request.headers.get("User-Agent", "")
    require_konaste(agent, request.headers.get("X-Software-Model", ""))
