"""/imports/<id>/: how an import stands, and what came of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from imports.models import Import, Revert, State
from imports.models.imports import UNFINISHED
from imports.pages import words
from imports.pages.asking import owns, shown_import
from imports.pages.frame import page
from imports.pages.refused import in_the_frame
from imports.pages.result import (
    classes_of,
    failures_of,
    orphans_of,
    scores_of,
    sessions_of,
)
from imports.progress import progress_document
from imports.queue import stops
from imports.retry import retriable
from imports.rows.sentence import sentence
from imports.undo.reruns import is_run_again
from imports.undo.retention import restorable_until
from imports.verdicts import Verdict, verdict
from tachi.api.one_moment import one_snapshot
from tachi.pages.looks import kind_of


@require_safe
@in_the_frame
@one_snapshot()
def one(request: HttpRequest, import_id: str) -> HttpResponse:
    """An import as it stands; anybody may look, and its player may act."""
    import_ = shown_import(request, import_id)
    is_own = owns(request, import_)
    context = {**facts(import_), "is_own": is_own, **_state(import_)}
    if import_.state == State.COMPLETED:
        context |= _result(request, import_)
    elif import_.state == State.FAILED:
        context |= _failed(import_, is_own)
    elif import_.state == State.REVERTED:
        context |= reverted(import_)
    here = "imports" if is_own else ""
    return page(request, "import.html", context, here=here)


def facts(import_: Import) -> dict[str, Any]:
    """What every page of an import says of it."""
    return {
        "import_": import_,
        "game": words.game_title(import_.game),
        "kind": words.type_title(import_.import_type),
        "client": words.client(import_),
        "short_id": words.short_id(import_.import_id),
    }


def _state(import_: Import) -> dict[str, Any]:
    """The verdict; where a worker is still to end it, its progress."""
    if import_.state not in UNFINISHED:
        found = verdict(import_)
        return {"verdict": found, "verdict_kind": kind_of(found.state)}
    why = stops.reason(import_.user, import_.token)
    if why and import_.state == State.QUEUED:  # the next worker will cancel it
        return {"verdict": Verdict("cancelled", stops.because(why))}
    return {"progress": progress_document(import_)}


def _result(request: HttpRequest, import_: Import) -> dict[str, Any]:
    scores, shown = scores_of(import_, request.GET.get("page"))
    sessions, more_sessions = sessions_of(import_)
    orphans, more_orphans = orphans_of(import_)
    return {
        "numbers": words.numbers(import_.counts),
        "failures": failures_of(import_),
        "scores": scores,
        "shown": shown,
        "sessions": sessions,
        "more_sessions": more_sessions,
        "orphans": orphans,
        "more_orphans": more_orphans,
        "classes": classes_of(import_.class_deltas),
    }


def _failed(import_: Import, is_own: bool) -> dict[str, Any]:
    retried = is_own and retriable().filter(pk=import_.pk).exists()
    return {"problems": import_.problems or [], "can_retry": retried}


def reverted(import_: Import) -> dict[str, Any]:
    """Who reverted it and why, and until when it can come back."""
    found = Revert.objects.filter(of_import=import_, restored_at=None)
    found = found.defer("snapshot", "batch__preview")
    revert = found.select_related("reverted_by", "batch").first()
    kept = found.exclude(snapshot=None).exists()
    return {
        "revert": revert,
        "had_brought": sentence(import_.counts),
        "restorable_until": restorable_until(revert) if revert and kept else None,
        "was_run_again": is_run_again([import_]),
    }
