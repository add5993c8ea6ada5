"""What LR2Hook sends: plays, and courses that were played."""

from typing import Annotated, Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.courses import pass_course
from imports.documents import ImportDocument
from imports.formats import lr2hook
from imports.views.answers import outcome
from imports.views.beatoraja import CourseClass, passed
from imports.views.hooks import HOOK, HookViewSet
from imports.views.sent import hook_sent, import_here, single_body
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse

SENT: dict[str, Any] = {**HOOK, "sent": lr2hook.BODY}
FAILED = "Class not updated. You failed to clear this course."


class UnfinishedCourse(TypedDict):
    """How much of a course was played that was not cleared."""

    notesPlayed: Annotated[float, "Fewer than there are."]
    notesTotal: float


class LR2HookViewSet(HookViewSet):
    """The hook of Lunatic Rave 2."""

    import_type = lr2hook.IMPORT_TYPE

    @action(detail=False, methods=["post"], url_path="import")
    @answers(ImportDocument, name="import_lr2hook", **SENT)
    def import_play(self, request: Request) -> JSONResponse:
        """Import the play that has just ended."""
        import_ = import_here(request, lr2hook.IMPORT_TYPE, request.data)
        return outcome(request, import_)

    @action(detail=False, methods=["post"], url_path="import/course")
    @answers(
        CourseClass | UnfinishedCourse,
        name="import_lr2hook_course",
        **{**SENT, "also": {}},
    )
    def import_course(self, request: Request) -> JSONResponse:
        """Declare the class of a course (a dan) that was played to its end.

        An import without scores, unless it was declared before. A class only rises.
        """
        entry = lr2hook.checked(single_body(request))
        if not lr2hook.was_played_to_its_end(entry):
            score = entry["scoreData"]
            names = ("notesPlayed", "notesTotal")
            return success(FAILED, {name: score[name] for name in names})
        sent = hook_sent(request, lr2hook.IMPORT_TYPE, entry)
        return passed(pass_course(sent, entry["md5"]))
