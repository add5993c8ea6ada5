"""/imports/<id>/revert/ and /restore/: what would come of it, and then doing it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from imports.class_review.sentences import classes_after_restore
from imports.models import Import, Revert, State
from imports.pages import words
from imports.pages.asking import asked, own_import, requested_by, to_import
from imports.pages.frame import page, signed_in
from imports.pages.one import facts, reverted
from imports.pages.refused import in_the_frame, told_if_refused, why
from imports.undo.counted import counted
from imports.undo.preview import (
    Preview,
    preview_restores,
    preview_reverts,
    require_few_enough,
    too_many_scores,
)
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable, require_restorable
from imports.undo.revert import Stale, revert_import
from imports.undo.words import named_classes
from scores.games import GAMES
from scores.models import Chart
from tachi.accounts.authentication import user_of
from tachi.admin.formatting import count_of
from tachi.api.throttles import TriedOut
from tachi.api.trying import trying

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
@in_the_frame
@signed_in
def revert(request: HttpRequest, import_id: str) -> HttpResponse:
    """What a revert would do; posted, it is done, unless that has changed."""
    import_ = own_import(request, import_id)
    if request.method == "POST":
        return _revert(request, import_)
    if import_.state != State.COMPLETED:
        messages.warning(request, f"It cannot be reverted: it is {import_.state}.")
        return to_import(import_)
    asked(request, TriedOut)
    context: dict[str, Any] = {**facts(import_), "is_own": True}
    if too_many_scores([import_]):
        context["counted"] = counted([import_])
    else:
        with trying(user_of(request).pk):
            told = preview_reverts(import_.user_id, [import_])
        context |= in_words(told, import_)
    return page(request, "revert.html", context, here="imports")


def _revert(request: HttpRequest, import_: Import) -> HttpResponse:
    asked(request)
    fingerprint = request.POST.get("fingerprint") or None
    try:
        if fingerprint is not None:
            require_few_enough([import_])
        undone = revert_import(import_, requested_by(request), fingerprint=fingerprint)
    except Exception as error:
        refused = why(error)
        if refused is None:
            raise
        messages.warning(request, refused[1])
        if isinstance(error, Stale):
            return redirect("pages:revert", import_id=import_.import_id)
        return to_import(import_)
    if undone is None:
        messages.warning(request, "It was reverted already, or is not there any more.")
    else:
        gone = undone.scores - undone.kept
        text = f"Reverted. {count_of(gone, 'score')} went"
        kept = f", {undone.kept:,} stayed with other imports" if undone.kept else ""
        messages.success(request, f"{text}{kept}.")
    return to_import(import_)


@require_http_methods(GET_OR_POST)
@in_the_frame
@signed_in
def restore(request: HttpRequest, import_id: str) -> HttpResponse:
    """What a restore would do; posted, it is done."""
    import_ = own_import(request, import_id)
    if request.method == "POST":
        return _restore(request, import_)
    if import_.state != State.REVERTED:
        messages.warning(request, f"It is not reverted: it is {import_.state}.")
        return to_import(import_)
    asked(request, TriedOut)
    context = {**facts(import_), "is_own": True, **reverted(import_)}
    try:
        for each in Revert.objects.filter(of_import=import_, restored_at=None):
            require_restorable(each)
    except NotRestorable as error:
        messages.warning(request, str(error))
        return to_import(import_)
    if not too_many_scores([import_]):
        with trying(user_of(request).pk):
            told = preview_restores(import_.user_id, [import_])
        context |= in_words(told, import_)
    return page(request, "restore.html", context, here="imports")


def _restore(request: HttpRequest, import_: Import) -> HttpResponse:
    asked(request)
    by = requested_by(request)
    try:
        restored = told_if_refused(request, lambda: restore_import(import_, by))
    except NotRestorable as error:
        messages.warning(request, str(error))
        return to_import(import_)
    if restored is None:
        state = import_.state_now()
        messages.warning(request, f"It is not reverted: it is {state}.")
    else:
        classes = classes_after_restore([import_])
        text = f"Restored. It has {count_of(restored, 'score')} again. {classes}"
        messages.success(request, text.rstrip())
    return to_import(import_)


def in_words(preview: Preview, import_: Import) -> dict[str, Any]:
    """A preview for its page; a statement for the titles of the charts in it."""
    classes = preview["classes"]
    listed = preview["scores"]["list"]
    return {
        "preview": preview,
        "goes": _titles(import_, [s for s in listed if s["what"] != "kept"]),
        "keepers": list(
            dict.fromkeys(each["keptBy"] for each in listed if each["keptBy"])
        ),
        "profiles": [
            (_of(each), each["rating"], each["old"], each["new"])
            for each in preview["profiles"]
        ],
        "classes": [(_of(each), *named_classes(each)) for each in classes["changed"]],
        "staying": [
            (_of(each), each["name"] or each["value"]) for each in classes["list"]
        ],
    }


def _of(each: Any) -> str:
    return GAMES[f"{each['game']}:{each['playtype']}"].display_name


def _titles(import_: Import, listed: Iterable[Any]) -> list[tuple[str, str]]:
    """The charts of listed scores, in words, with what becomes of them."""
    some = list(listed)
    charts = Chart.objects.filter(
        game=import_.game, chart_id__in={each["chartID"] for each in some}
    )
    by_id = {each.chart_id: each for each in charts.select_related("song")}
    return [
        (words.chart_title(by_id[each["chartID"]]), each["what"])
        for each in some
        if each["chartID"] in by_id
    ]
