"""The page of a batch: what it would do, how far it is, what can be done with it."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from imports.admin.batch_tables import tables
from imports.batches import control, run
from imports.batches.control import AT_WORK
from imports.batches.documents import batch_document
from imports.batches.outcomes import outcomes_of
from imports.batches.possible import needs_administrator, possible
from imports.batches.refusals import NotAllowed, NotPossible
from imports.models import BatchImport, Origin, RequestedBy, RevertBatch
from imports.rules.meaning import in_words
from imports.rules.sources import MOST_COUNTED, more_since, source_of
from tachi.accounts.authentication import user_of
from tachi.admin.log import ReasonForm
from tachi.moderation.pages import log_link

OUTCOMES_ON_A_PAGE = 100
REFRESH_SECONDS = 3  # while something goes on
MAY = "imports.bulk_revert"


class Confirmation(forms.Form):
    """What comes with a confirmation: the verb says whether it is enough."""

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    imports = forms.IntegerField(
        required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    reason = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    note = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )


Verb = Callable[[RevertBatch, RequestedBy, Mapping[str, Any]], RevertBatch]
#: What a page can do with a batch: the button's label, what is told, the verb.
VERBS: dict[str, tuple[str, str, Verb]] = {
    "confirm": (
        "Confirm and revert",
        "Confirmed.",
        lambda batch, by, said: control.confirm(
            batch, by, said["fingerprint"], said["imports"]
        ),
    ),
    "pause": ("Pause", "Paused.", lambda batch, by, said: control.pause(batch, by)),
    "resume": ("Resume", "Resumed.", lambda batch, by, said: control.resume(batch, by)),
    "cancel": (
        "Cancel",
        "Cancelled.",
        lambda batch, by, said: control.cancel(batch, by),
    ),
    "restore": (
        "Restore what it reverted",
        "Restoring.",
        lambda batch, by, said: control.restore(batch, by),
    ),
    "retry_failed": (
        "Try again what failed",
        "What failed is tried again.",
        lambda batch, by, said: control.retry_failed(batch, by),
    ),
    "hold": (
        "Hold",
        "Held, or let go of.",
        lambda batch, by, said: control.hold(batch, by, said.get("held")),
    ),
}
HELD = "What it reverted is kept beyond the usual time."
LET_GO = "What it reverted is kept no longer than usual."
#: What is told of states that last until the import that runs is done.
LATER: dict[str, str] = {
    RevertBatch.State.PAUSING: "It pauses after the import that runs.",
    RevertBatch.State.CANCELLING: "It ends after the import that runs.",
}
#: Verbs for whose imports of staff an administrator is needed.
CARE = {"confirm", "restore", "retry_failed"}


def answer(
    model_admin: ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The page, or what a button of it leads to."""
    batch = model_admin.get_object(request, unquote(object_id))
    if not model_admin.has_view_permission(request, batch):
        raise PermissionDenied
    if batch is None:
        return HttpResponseRedirect(reverse("admin:imports_revertbatch_changelist"))
    if request.method == "POST":
        return _act(model_admin, request, batch)
    return _page(model_admin, request, batch)


def url_of(batch: RevertBatch) -> str:
    """The address of a batch's page."""
    return reverse("admin:imports_revertbatch_change", args=[batch.pk])


def _act(
    model_admin: ModelAdmin, request: HttpRequest, batch: RevertBatch
) -> HttpResponse:
    name = request.POST.get("verb", "")
    if name not in VERBS or not request.user.has_perm(MAY):
        raise PermissionDenied
    _, told, verb = VERBS[name]
    form = Confirmation(request.POST)
    if name == "confirm" and not form.is_valid():
        text = "Type the number of imports as a number."
        model_admin.message_user(request, text, messages.ERROR)
        return _page(model_admin, request, batch, form)
    why = ReasonForm(request.POST)
    if name != "confirm" and not why.is_valid():
        text = "A reason, or a note, is too long, or no text."
        model_admin.message_user(request, text, messages.ERROR)
        return _page(model_admin, request, batch)
    said = form.cleaned_data if name == "confirm" else _held(request, why)
    by = RequestedBy(user_of(request), Origin.ADMIN, said["reason"], note=said["note"])
    try:
        moved = verb(batch, by, said)
    except (NotPossible, NotAllowed) as refused:
        model_admin.message_user(request, str(refused), messages.ERROR)
        return _page(model_admin, request, batch, form)
    if settings.IMPORT_INLINE and name != "hold":  # there may be no worker for it
        moved = run.run_to_end(batch)
    text = _told(name, moved) or told
    model_admin.message_user(request, text, messages.SUCCESS)
    return HttpResponseRedirect(url_of(batch))


def _held(request: HttpRequest, why: ReasonForm) -> dict[str, Any]:
    return {**why.cleaned_data, "held": request.POST.get("held") == "yes"}


def _page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    batch: RevertBatch,
    form: Confirmation | None = None,
) -> TemplateResponse:
    document = batch_document(batch)
    verbs = possible(batch, document) if request.user.has_perm(MAY) else set()
    staff = needs_administrator(batch, user_of(request)) if verbs else []
    if staff:
        verbs -= CARE
    if batch.state == RevertBatch.State.DRAFT:
        verbs.discard("hold")  # there is nothing to keep
    is_shown_anew = form is not None and "confirm" in verbs
    if form is None or not is_shown_anew:
        form = Confirmation(initial={"reason": batch.reason, "note": batch.note})
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": batch,
        "title": f"Batch {batch.batch_id[:12]}…",
        "batch": batch,
        "document": document,
        "filters": in_words(batch.filters),
        "preview": batch.preview,
        "tables": tables(batch),
        "form": form,
        "why": _why(batch),
        "log": log_link(Q(batch_id=batch.batch_id), batch=batch.batch_id),
        "is_large": control.is_large(batch) if "confirm" in verbs else False,
        "verbs": verbs,
        "buttons": [
            (name, VERBS[name][0])
            for name in VERBS
            if name in verbs and name not in {"confirm", "hold"}
        ],
        "staff": staff,
        "refresh": _refresh(batch),
        "undone": document["reverted"] + document["restored"],
        "of_what": "players" if batch.needs_preview else "imports",
        "overlapping": RevertBatch.objects.filter(batch_id__in=document["overlaps"]),
        "may_act": request.user.has_perm(MAY),
        **_outcomes(request, batch),
        **_source(request, batch),
    }
    return TemplateResponse(request, "admin/imports/revertbatch/batch.html", context)


def _told(name: str, batch: RevertBatch) -> str | None:
    """What a verb has led to, where that is not always the same."""
    if name == "hold":
        return HELD if batch.held else LET_GO
    return LATER.get(batch.state)


def _why(batch: RevertBatch) -> ReasonForm | None:
    """Why a button is pressed; not on a page that looks again, which forgets it."""
    return None if _refresh(batch) else ReasonForm(auto_id="why_%s")


def _refresh(batch: RevertBatch) -> int | None:
    """Seconds to the next look, while a worker is at it or it waits for one."""
    return REFRESH_SECONDS if batch.needs_preview or batch.state in AT_WORK else None


def _outcomes(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    state = request.GET.get("outcome", "")
    state = state if state in BatchImport.State.values else ""
    rows = outcomes_of(batch, state or None).order_by("position")
    paginator = Paginator(rows, OUTCOMES_ON_A_PAGE)
    csv = f"/api/v1/revert-batches/{batch.batch_id}/outcomes.csv"
    return {
        "outcomes": paginator.get_page(request.GET.get("page")),
        "outcome": state,
        "outcome_states": BatchImport.State.choices,
        "csv": f"{csv}?{urlencode({'state': state})}" if state else csv,
    }


def _source(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    """The rules that stop where it came from, and the form of a new one."""
    more = more_since(batch)
    fields = {**source_of(batch.filters), "batch": batch.batch_id}
    form = f"{reverse('admin:imports_importrule_add')}?{urlencode(fields, doseq=True)}"
    may_stop = request.user.has_perm("imports.stop_source") and more is not None
    return {
        "rules": batch.rules.order_by("-pk"),
        "more": more,
        "is_more": more == MOST_COUNTED,
        "stop_url": form if may_stop else None,
    }
