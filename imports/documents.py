"""Imports on the wire: documents of completed ones, trackers of those that failed.

`scoreIDs` are the scores that an import owns now, so they are looked up on read. So are
its sessions: it *created* those whose anchor it owns, and *appended* to the others that
hold its scores.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

from django.db.models import QuerySet
from orjson import Fragment

from imports.failures import MOST_LISTED, FailureType
from imports.formats.refusals import cut
from imports.models import Import
from imports.models.imports import COUNTS, WAYS
from imports.owned import NO_IDS, Owned, owned_by
from imports.reports import processed_at
from scores.documents import (
    ChartDocument,
    ScoreDocument,
    SessionDocument,
    SongDocument,
    score_listing,
    session_documents,
)
from scores.models import Score, Session
from tachi.accounts.documents import UserDocument, user_document
from tachi.api.openapi import Milliseconds
from tachi.api.times import milliseconds

ERROR = ("type", "message", "position", "line")
#: What no document shows.
UNLISTED = ("later_claims", "context", "error_detail", "problems")


class RowError(TypedDict):
    """Why a row of an import made no score."""

    type: FailureType
    message: str
    position: NotRequired[Annotated[int, "Its place in what was sent, from 0 on."]]
    line: NotRequired[Annotated[int, "Its line, from 1 on, if it has one."]]


class TouchedSession(TypedDict):
    """A session that an import created, or appended to."""

    sessionID: str
    type: Literal["Created", "Appended"]


class ClassDelta(TypedDict):
    """A class that an import changed."""

    game: str
    playtype: str
    set: str
    old: str | None
    new: str | None


class ImportCounts(TypedDict):
    """What became of the rows of an import when it ran.

    `total` is imported, held, orphaned, rejected and blocked together.
    """

    imported: Annotated[int, "New scores."]
    held: Annotated[int, "Scores that were known already."]
    differing: Annotated[int, "Of those: they say something otherwise."]
    filled: Annotated[int, "Of those: they said more of the score."]
    orphaned: Annotated[int, "Rows whose chart is not known yet; they are kept."]
    rejected: Annotated[int, "Rows that are wrong: see errors."]
    blocked: Annotated[int, "Scores that their player has blocked."]
    total: int


class ImportDocument(TypedDict):
    """A completed import. Tachi's fields, and our `counts` and `appendedSessions`."""

    importID: str
    userID: int
    importType: str
    userIntent: Annotated[bool, "Whether a person asked for it (X-User-Intent)."]
    game: str
    playtypes: list[str]
    gptStrings: list[str]
    scoreIDs: Annotated[Fragment, list[str], "The scores that it owns now."]
    errors: list[RowError]
    moreErrors: NotRequired[Annotated[int, "How many more errors there were."]]
    createdSessions: list[TouchedSession]
    appendedSessions: list[TouchedSession]
    classDeltas: list[ClassDelta]
    goalInfo: list[dict[str, Any]]
    questInfo: list[dict[str, Any]]
    counts: ImportCounts
    timeStarted: Milliseconds
    timeFinished: Milliseconds


class FailureReason(TypedDict):
    """Why an import failed."""

    message: str
    statusCode: int | None


class FailedImportDocument(TypedDict):
    """An import that failed, and why."""

    type: Literal["FAILED"]
    importID: str
    importType: str
    userID: int
    userIntent: bool
    timeStarted: Milliseconds
    error: FailureReason


class ListedErrors(TypedDict):
    """The part of an import document that tells of its errors."""

    errors: list[RowError]
    moreErrors: NotRequired[Annotated[int, "How many more errors there were."]]


class Outcomes(ListedErrors):
    """The part of an import document that tells what became of its rows."""

    counts: ImportCounts


# `import` is a keyword, so this cannot be a class.
ImportPage = TypedDict(
    "ImportPage",
    {
        "import": ImportDocument,
        "scores": list[ScoreDocument],
        "songs": list[SongDocument],
        "charts": list[ChartDocument],
        "sessions": Annotated[list[SessionDocument], "Those that it created."],
        "user": UserDocument,
    },
)


def outcomes_of(import_: Import) -> Outcomes:
    """What became of the rows of an import, as its document tells it."""
    return {"counts": counts_document(import_.counts), **listed_errors(import_)}


def import_documents(imports: QuerySet[Import]) -> list[ImportDocument]:
    """Completed imports in the queryset's order; two statements."""
    rows = list(imports.defer(*UNLISTED))
    return _documents(rows)


def import_document(import_: Import) -> ImportDocument:
    """One completed import; one statement."""
    return _documents([import_])[0]


def import_page(import_: Import) -> ImportPage:
    """`{import, scores, songs, charts, sessions, user}`; sessions are those created."""
    scores = Score.objects.filter(source_import=import_)
    sessions = Session.objects.filter(
        user=import_.user_id, anchor__in=scores.values("score_id")
    )
    return {
        "import": import_document(import_),
        **score_listing(scores.order_by("position")),
        "sessions": session_documents(sessions.order_by("time_started", "session_id")),
        "user": user_document(import_.user),
    }


def failed_import_documents(imports: QuerySet[Import]) -> list[FailedImportDocument]:
    """Failed imports as trackers, in the queryset's order; one statement."""
    return [_tracker(row) for row in imports.defer(*UNLISTED)]


def _documents(imports: Sequence[Import]) -> list[ImportDocument]:
    pks = [row.pk for row in imports]
    score_ids, owned = owned_by(pks)
    return [
        _document(row, score_ids.get(row.pk, NO_IDS), owned[row.pk]) for row in imports
    ]


def _document(
    import_: Import, score_ids: Fragment, owned: list[Owned]
) -> ImportDocument:
    gpts = list(dict.fromkeys(each.gpt for each in owned))
    created, appended = _sessions(owned)
    return {
        "importID": import_.import_id,
        "userID": import_.user_id,
        "importType": import_.import_type,
        "userIntent": import_.user_intent,
        "game": import_.game,
        "playtypes": [gpt.split(":")[1] for gpt in gpts],
        "gptStrings": gpts,
        "scoreIDs": score_ids,
        **listed_errors(import_),
        "createdSessions": [{"sessionID": each, "type": "Created"} for each in created],
        "appendedSessions": [
            {"sessionID": each, "type": "Appended"} for each in appended
        ],
        "classDeltas": import_.class_deltas,
        "goalInfo": [],
        "questInfo": [],
        "counts": counts_document(import_.counts),
        "timeStarted": milliseconds(import_.started_at or import_.received_at),
        "timeFinished": processed_at(import_),
    }


def listed_errors(import_: Import) -> ListedErrors:
    """As many as are listed; imports from before the bounds have more, and longer."""
    listed: list[RowError] = [
        cast(RowError, {**_place(error), "message": cut(error["message"])})
        for error in import_.errors[:MOST_LISTED]
    ]
    more = max(len(import_.errors), import_.failed_rows) - len(listed)
    return {"errors": listed, "moreErrors": more} if more else {"errors": listed}


def _place(error: dict[str, Any]) -> dict[str, Any]:
    """The error without what an import from another time may keep beside it."""
    return {name: error[name] for name in ERROR if name in error}


def _sessions(owned: Iterable[Owned]) -> tuple[list[str], list[str]]:
    """The ids of the sessions created and appended to, each oldest first."""
    found = sorted(
        (each.session_started, each.session_id, each.holds_anchor)
        for each in owned
        if each.session_id is not None
    )
    created = [id_ for _, id_, is_own in found if is_own]
    appended = [id_ for _, id_, is_own in found if not is_own]
    return created, appended


def counts_document(counts: Mapping[str, int]) -> ImportCounts:
    """The counts that an import keeps, as its document has them."""
    found = {name: counts.get(name, 0) for name in COUNTS}
    return cast(ImportCounts, found | {"total": sum(found[way] for way in WAYS)})


def _tracker(import_: Import) -> FailedImportDocument:
    return {
        "type": "FAILED",
        "importID": import_.import_id,
        "importType": import_.import_type,
        "userID": import_.user_id,
        "userIntent": import_.user_intent,
        "timeStarted": milliseconds(import_.started_at or import_.received_at),
        "error": {"message": import_.error_text, "statusCode": import_.error_status},
    }
