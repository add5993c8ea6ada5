"""An owner's batch: what it would do, how far it is, what came of it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from imports.batches import control, run
from imports.batches.control import AT_WORK
from imports.batches.documents import batch_document
from imports.batches.outcomes import outcomes_of
from imports.batches.possible import possible
from imports.batches.refusals import NotAllowed, NotPossible
from imports.batches.rights import is_own
from imports.models import Origin, RequestedBy, RevertBatch
from imports.pages.frame import page, signed_in
from imports.rules.meaning import in_words
from imports.undo.words import named_classes
from scores.games import GAMES
from scores.models import Chart
from tachi.accounts.authentication import user_of

ON_A_PAGE, LONGEST_REASON = 50, 1000
NOT_ALL_THERE = "The form was not sent as a whole: look at the preview, and confirm it."

Act = Callable[[RevertBatch, RequestedBy], RevertBatch]
#: What a button does: its label, what is told, the verb.
ACTS: dict[str, tuple[str, str, Act]] = {
    "pause": ("Pause", "It pauses.", control.pause),
    "resume": ("Go on", "It goes on.", control.resume),
    "cancel": ("Stop", "Stopped: what is reverted by now stays so.", control.cancel),
    "restore": ("Restore what it reverted", "It is being restored.", control.restore),
    "retry_failed": ("Try again what failed", "Trying again.", control.retry_failed),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def batch(request: HttpRequest, batch_id: str) -> HttpResponse:
    """The page of a batch of one's own; of others there is none."""
    found = get_object_or_404(RevertBatch, batch_id=batch_id)
    if not is_own(found, user_of(request)):
        raise Http404
    if request.method == "POST":
        return _act(request, found)
    document = batch_document(found)
    verbs = possible(found, document)
    rows = outcomes_of(found).order_by("position")
    context = {
        "batch": found,
        "document": document,
        "filters": _filters(found),
        "preview": found.preview,
        "lists": _lists(found.preview) if found.preview else {},
        "may_confirm": "confirm" in verbs,
        "is_large": "confirm" in verbs and control.is_large(found),
        "buttons": [
            (name, label) for name, (label, *_) in ACTS.items() if name in verbs
        ],
        "is_live": found.needs_preview or found.state in AT_WORK,
        "outcomes": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "batch.html", context, here="imports")


def _act(request: HttpRequest, found: RevertBatch) -> HttpResponse:
    name, said = request.POST.get("verb", ""), request.POST
    reason = said.get("reason", "").strip()[:LONGEST_REASON]
    by = RequestedBy(user_of(request), Origin.API, reason)
    try:
        if name == "confirm":
            told = "Confirmed: they are reverted one by one, newest first."
            moved = _confirm(request, found, by)
        elif name in ACTS:
            _, told, verb = ACTS[name]
            moved = verb(found, by)
        else:
            raise Http404
        if settings.IMPORT_INLINE:  # there may be no worker for it
            run.run_to_end(moved)
        messages.success(request, told)
    except (NotPossible, NotAllowed) as refused:
        messages.error(request, refused.text)
    return HttpResponseRedirect(reverse("pages:batch", args=[found.batch_id]))


def _confirm(request: HttpRequest, found: RevertBatch, by: RequestedBy) -> RevertBatch:
    said, number = request.POST, request.POST.get("imports", "")
    if not (said.get("fingerprint") and number.isascii() and number.isdigit()):
        raise NotPossible(NOT_ALL_THERE)
    return control.confirm(found, by, said["fingerprint"], int(number[:9]))


def _filters(found: RevertBatch) -> str:
    """What it selects, in words, but for whose they are."""
    return in_words({k: v for k, v in found.filters.items() if k != "user"})


def _lists(preview: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What a preview lists, in names in place of ids; one statement."""
    ids = {each["chartID"] for each in preview["personalBests"]["list"]}
    charts = Chart.objects.filter(chart_id__in=ids).select_related("song")
    names = {chart.chart_id: str(chart) for chart in charts}

    def row(each: dict[str, Any], what: str, old: Any, new: Any) -> dict[str, Any]:
        game = GAMES.get(f"{each['game']}:{each['playtype']}")
        of = f"{game.title} {each['playtype']}" if game else each["game"]
        return {"game": of, "what": what, "old": old, "new": new}

    return {
        "Personal bests": [
            row(e, names.get(e["chartID"], "a chart"), e["old"], e["new"])
            for e in preview["personalBests"]["list"]
        ],
        "Ratings": [
            row(e, e["rating"], e["old"], e["new"]) for e in preview["profiles"]
        ],
        "Classes": [
            row(e, e["set"], *named_classes(e)) for e in preview["classes"]["changed"]
        ],
        "Sessions": [
            row(e, e["name"], e["old"], e["new"]) for e in preview["sessions"]["list"]
        ],
    }
