"""USC-IR, the protocol of unnamed-sdvx-clone, on its addresses."""

import re
import time
from typing import Annotated, Any, Literal, TypedDict

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from imports.failures import FailureType
from imports.formats import usc
from imports.matching.hashes import chart_by_hash
from imports.models import Import, State
from imports.once import refusal_of
from imports.plays import score_of
from imports.views.sent import import_here
from imports.views.usc_protocol import (
    ACCEPTED,
    BAD_REQUEST,
    NOT_FOUND,
    REFUSED,
    SERVER_ERROR,
    OutOfProtocol,
    UscRefused,
    UscViewSet,
    answer,
    refusal_in_protocol,
)
from scores.documents.usc import ServerScore, Standing, leaderboard, record, standing
from scores.models import Chart
from scores.replays import NoRoom, NoSuchScore, keep_replay
from tachi.accounts.authentication import user_of
from tachi.accounts.models import Permission
from tachi.accounts.permissions import TokenMay
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.schema import one_of, that

IR_VERSION = "0.4.0-a"
MOST_LISTED = 10
MAX_REPLAY = 1024 * 1024  # bytes
ROOM_FOR_FIELDS = 64 * 1024  # bytes
POSITIVE = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)
MODES = ("best", "rivals")
N = that(
    lambda text: isinstance(text, str) and bool(POSITIVE.fullmatch(text)),
    "Expected a positive integer.",
    {"type": "string", "pattern": "^0*[1-9][0-9]{0,8}$"},
)
MAY_SUBMIT = [TokenMay(Permission.SUBMIT_SCORE)]
REFUSES = {400: "There is no such playtype.", 404: "This server does not offer it."}
DECLARED: dict[str, Any] = {
    "media_type": "application/json",
    "tag": "imports",
    "refuses": REFUSES,
}


class UscFailure(TypedDict):
    """A refusal: 40 a bad request, 41 an unknown token, 42 and 43 not to this player,
    44 nothing there, 50 a fault of the server, to be tried again.
    """

    statusCode: Literal[40, 41, 42, 43, 44, 50]
    description: str


class UscDone(TypedDict):
    """It is done, or there."""

    statusCode: Literal[20]
    description: str
    body: Empty


class UscServer(TypedDict):
    """What this server is."""

    serverTime: Annotated[int, "Unix seconds."]
    serverName: str
    irVersion: str


class UscServerAnswer(TypedDict):
    statusCode: Literal[20]
    description: str
    body: UscServer


class UscRecord(TypedDict):
    record: ServerScore


class UscRecordAnswer(TypedDict):
    statusCode: Literal[20]
    description: str
    body: UscRecord


class UscLeaderboardAnswer(TypedDict):
    statusCode: Literal[20]
    description: str
    body: list[ServerScore]


class UscScoreAnswer(TypedDict):
    statusCode: Literal[20]
    description: str
    body: Standing


class UscAccepted(TypedDict):
    """The play is kept until its chart is known."""

    statusCode: Literal[22]
    description: str
    body: Empty


class USCViewSet(UscViewSet):
    """unnamed-sdvx-clone, in one playtype."""

    @answers(UscServerAnswer | UscFailure, name="usc_server", **DECLARED)
    def list(self, request: Request, playtype: str) -> JSONResponse:
        """What this server is: the game asks before it sends anything."""
        return answer(
            "This is a USC-IR server.",
            {
                "serverTime": int(time.time()),
                "serverName": settings.SERVER_NAME,
                "irVersion": IR_VERSION,
            },
        )

    @action(detail=False, url_path="charts/<chart_hash>")
    @answers(UscDone | UscFailure, name="usc_chart", **DECLARED)
    def chart(self, request: Request, playtype: str, chart_hash: str) -> JSONResponse:
        """Whether a chart is known here, by its SHA-1."""
        self.get_chart()
        return answer("This chart is tracked.", {})

    @action(detail=False, url_path="charts/<chart_hash>/record")
    @answers(UscRecordAnswer | UscFailure, name="usc_record", **DECLARED)
    def record(self, request: Request, playtype: str, chart_hash: str) -> JSONResponse:
        """The record on a chart."""
        found = record(self.get_chart())
        if found is None:
            raise UscRefused(NOT_FOUND, "Nobody has played this chart.")
        return answer("Returned the record.", {"record": found})

    @action(detail=False, url_path="charts/<chart_hash>/leaderboard")
    @answers(
        UscLeaderboardAnswer | UscFailure,
        name="usc_leaderboard",
        query={"mode": one_of(*MODES), "n": N},
        **DECLARED,
    )
    def leaderboard(
        self, request: Request, playtype: str, chart_hash: str
    ) -> JSONResponse:
        """The best players of a chart, at most ten. Of rivals there are none yet."""
        chart = self.get_chart()
        mode, n = (request.query_params.get(name) for name in ("mode", "n"))
        if mode not in MODES:
            raise UscRefused(BAD_REQUEST, "Invalid mode: expected best or rivals.")
        if not N.accepts(n):
            raise UscRefused(BAD_REQUEST, "Invalid n: expected a positive integer.")
        if mode == "rivals":
            raise UscRefused(BAD_REQUEST, "There are no rivals on this server.")
        found = leaderboard(chart, min(int(str(n)), MOST_LISTED))
        return answer(f"Returned {len(found)} scores.", found)

    @action(detail=False, methods=["post"], permission_classes=MAY_SUBMIT)
    @answers(
        UscScoreAnswer | UscAccepted | UscFailure,
        name="usc_submit_score",
        sent=usc.BODY,
        **DECLARED,
    )
    def scores(self, request: Request, playtype: str) -> JSONResponse:
        """Import the play that has just ended; where it has put its player.

        22 while its chart is not known. What is known already is answered in full.
        """
        import_ = import_here(request, usc.IMPORT_TYPE, request.data, playtype=playtype)
        return outcome(import_)

    @action(
        detail=False,
        methods=["post"],
        parser_classes=[MultiPartParser],
        permission_classes=MAY_SUBMIT,
    )
    @answers(
        UscDone | UscFailure,
        name="usc_submit_replay",
        form={
            "identifier": {"type": "string", "description": "The score's id."},
            "replay": {
                "type": "string",
                "contentMediaType": "application/octet-stream",
                "format": "binary",
                "description": "The file, of at most 1 MiB.",
            },
        },
        **{**DECLARED, "refuses": {**REFUSES, 400: "It is no file of at most 1 MiB."}},
    )
    def replays(self, request: Request, playtype: str) -> JSONResponse:
        """Keep the replay of one's own score; the last one counts."""
        replay = sent_replay(request)
        identifier = request.POST.get("identifier")
        if not identifier:
            raise UscRefused(BAD_REQUEST, "No Identifier Provided.")
        if replay is None:
            raise UscRefused(BAD_REQUEST, "No File Provided.")
        try:
            keep_replay(user_of(request), "usc", identifier, replay.read())
        except NoSuchScore:
            text = "No score corresponds to this identifier."
            raise UscRefused(NOT_FOUND, text) from None
        except NoRoom:
            text = "Your replays take all the room that you have."
            raise UscRefused(REFUSED, text) from None
        return answer("Saved replay.", {})

    def get_chart(self) -> Chart:
        """The chart of the address. Raises UscRefused."""
        playtype, chart_hash = self.kwargs["playtype"], self.kwargs["chart_hash"]
        chart = chart_by_hash("usc", playtype, "hashSHA1", chart_hash)
        if chart is None:
            raise UscRefused(NOT_FOUND, "This chart is not tracked.")
        return chart


def outcome(import_: Import) -> JSONResponse:
    """What the game is told of an import. Raises UscRefused."""
    if import_.state in (State.QUEUED, State.RUNNING):
        return answer("Your score is kept, and imported in a moment.", {}, ACCEPTED)
    if import_.state != State.COMPLETED:
        raise UscRefused(*refusal_in_protocol(*refusal_of(import_)))
    for error in import_.errors:
        if error["type"] == FailureType.NOT_FOUND:
            text = "This chart is not tracked: your score is kept until it is."
            return answer(text, {}, ACCEPTED)
        is_ours = error["type"] == FailureType.INTERNAL
        text = f"[{error['type']}] - {error['message']}"
        raise UscRefused(SERVER_ERROR if is_ours else BAD_REQUEST, text)
    score = score_of(import_)
    if score is None:
        raise UscRefused(REFUSED, "You have blocked this score.")
    body = standing(score)
    if body is None:
        raise UscRefused(SERVER_ERROR, "This score has just been removed.")
    known = not import_.counts.get("imported")
    told = "This score was known already." if known else "Imported your score."
    return answer(told, body)


def sent_replay(request: Request) -> UploadedFile | None:
    """The one file of an upload, `replay`. Raises OutOfProtocol for others."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    bad = OutOfProtocol(400, "Expected one file `replay` of at most 1 MiB.")
    if length > MAX_REPLAY + ROOM_FOR_FIELDS:
        raise bad
    try:
        files = [(name, each) for name, of in request.FILES.lists() for each in of]
    except (ParseError, SuspiciousOperation):
        raise bad from None
    if not files:
        return None
    (name, replay), *others = files
    if others or name != "replay" or (replay.size or 0) > MAX_REPLAY:
        raise bad
    return replay
