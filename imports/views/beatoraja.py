"""What the plug-in of LR2oraja (BMS) and beatoraja (PMS) sends and reads."""

from typing import Any, Literal, NotRequired, TypedDict

from django.conf import settings
from rest_framework.decorators import action
from rest_framework.request import Request

from imports.chart_queue import waiting_with
from imports.courses import Passed, pass_course
from imports.documents import ImportDocument, import_document
from imports.failures import FailureType
from imports.formats import beatoraja, beatoraja_course
from imports.models import Import, State
from imports.once import problems_of, refusal_of
from imports.plays import score_of
from imports.views.hooks import HOOK, HookViewSet
from imports.views.sent import hook_sent, import_here, single_body
from scores.documents import ChartDocument, ScoreDocument, SongDocument
from scores.documents.beatoraja import BeatorajaScore, beatoraja_scores
from scores.documents.plays import play_document
from scores.seeds.unlisted import find
from tachi.accounts.authentication import user_of
from tachi.api.envelope import Refused, failure, success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.api.validation import validate

VERSIONS = ("v2", "v3")
SENT: dict[str, Any] = {
    **HOOK,
    "headers": {"X-TachiIR-Version": "The plug-in's: `v2…` or `v3…`, else 400."},
    "open_ended": True,
}
NOTHING = "Nothing was imported: this score is known already, or you have blocked it."
LATER = "The database is busy: your score is kept, and imported in a moment."
NOT_CLEARED = "Class not updated, as you didn't clear this course."

# `import` is a keyword, so this cannot be a class.
ImportedPlay = TypedDict(
    "ImportedPlay",
    {
        "score": ScoreDocument,
        "song": SongDocument,
        "chart": ChartDocument,
        "import": ImportDocument,
    },
)


class CourseClass(TypedDict):
    """The class that a course gives, whether it raised the player's or not."""

    set: str
    value: str


class PassedCourse(TypedDict):
    """What a course was worth. There is no `body` where it was not cleared."""

    success: Literal[True]
    description: str
    body: NotRequired[CourseClass]


class BeatorajaViewSet(HookViewSet):
    """What the plug-in of LR2oraja (BMS) and beatoraja (PMS) sends and reads."""

    import_type = beatoraja.IMPORT_TYPE

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        sent = request.headers.get("X-TachiIR-Version", "")
        if self.action and not sent.startswith(VERSIONS):
            raise Refused(400, "Invalid X-TachiIR-Version: expected v2 or v3.")

    @action(detail=False, methods=["post"], url_path="submit-score")
    @answers(
        ImportedPlay,
        name="submit_beatoraja_score",
        **{
            **SENT,
            "also": {202: Empty},
            "sent": {"chart": beatoraja.CHART, "score": beatoraja.SCORE},
        },
    )
    def submit_score(self, request: Request) -> JSONResponse:
        """Import the play that has just ended.

        202 while its chart is not known: the chart is made when enough players have
        sent it, and then all of their plays are imported. What is known already is 400,
        as is whatever is refused: the plug-in logs the description.
        """
        import_ = import_here(request, beatoraja.IMPORT_TYPE, request.data)
        return outcome(import_, request.data)

    @action(detail=False, methods=["post"], url_path="submit-course")
    @answers(
        PassedCourse,
        name="submit_beatoraja_course",
        media_type="application/json",
        **{**SENT, "also": {}, "sent": beatoraja_course.BODY},
    )
    def submit_course(self, request: Request) -> JSONResponse:
        """Declare the class of a course (a dan) that was cleared.

        An import without scores, unless it was declared before. A class only rises.
        """
        sent = validate(single_body(request), beatoraja_course.BODY, extra_keys_ok=True)
        if not beatoraja_course.was_cleared(sent):
            return JSONResponse({"success": True, "description": NOT_CLEARED})
        md5s = beatoraja_course.charts_of(sent)
        return passed(
            pass_course(hook_sent(request, beatoraja.IMPORT_TYPE, sent), md5s)
        )

    @action(detail=False, url_path="charts/<sha256>/scores", permission_classes=[])
    @answers(
        list[BeatorajaScore],
        name="list_beatoraja_scores",
        tag="imports",
        headers=SENT["headers"],
    )
    def scores(self, request: Request, sha256: str) -> JSONResponse:
        """The bests on a chart, of at most 1,000 players, best first.

        `player` is an empty text for who asks.
        """
        chart = find("bms", None, sha256) or find("pms", None, sha256)
        if chart is None:
            raise Refused(404, "This chart is not known.")
        body = beatoraja_scores(chart, sha256, user_of(request).pk)
        return success(f"Returned {len(body)} scores.", body)


def outcome(import_: Import, sent: Any) -> JSONResponse:
    """What the plug-in is told of an import: it reads statuses and descriptions."""
    if import_.state in (State.QUEUED, State.RUNNING):
        return success(LATER, {}, 202)
    if import_.state != State.COMPLETED:
        status, text = refusal_of(import_)
        # 403: a rule stops its source.
        return failure(status if status == 403 else 400, text, **problems_of(import_))
    for error in import_.errors:
        return _not_imported(import_, error["type"], error["message"], sent)
    score = score_of(import_)
    if score is None or not import_.counts.get("imported"):
        return failure(400, NOTHING)
    body = {**play_document(score), "import": import_document(import_)}
    return success("Imported your score.", body)


def _not_imported(import_: Import, type_: str, message: str, sent: Any) -> JSONResponse:
    if type_ == FailureType.NOT_FOUND:
        waiting = waiting_with(import_.user_id, sent["score"]["sha256"])
        if waiting:
            return success(
                "Chart and score have been orphaned: the chart is not known. It will be"
                f" once {settings.BEATORAJA_QUEUE_SIZE} players have played it, so far"
                f" {waiting}.",
                {},
                202,
            )
    status = 500 if type_ == FailureType.INTERNAL else 400
    return failure(status, f"[{type_}] - {message}")


def passed(result: Passed) -> JSONResponse:
    """The class of a course, and whether it was raised."""
    told = "Successfully updated class." if result.raised else "Class not updated."
    course = result.course
    return success(told, {"set": course.class_set, "value": course.value})
