"""What BARBATOS sends: plays."""

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.documents import ImportDocument
from imports.formats.barbatos import IMPORT_TYPE, SCORE
from imports.views.answers import outcome
from imports.views.hooks import HOOK, HookViewSet
from imports.views.sent import import_here
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse


class BarbatosViewSet(HookViewSet):
    """BARBATOS, the hook of SOUND VOLTEX VIVID WAVE and EXCEED GEAR."""

    import_type = IMPORT_TYPE

    @action(detail=False, methods=["post"], url_path="score/submit")
    @answers(ImportDocument, name="submit_barbatos_score", sent=SCORE, **HOOK)
    def score(self, request: Request) -> JSONResponse:
        """Import the play that has just ended.

        A body with `ex_score` is of EXCEED GEAR, any other of VIVID WAVE.
        """
        return outcome(request, import_here(request, IMPORT_TYPE, request.data))
