"""What a batch's page does with it: the verbs behind its buttons."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from imports.batches import control, run
from imports.batches.refusals import NotAllowed, NotPossible
from imports.models import Origin, RequestedBy, RevertBatch
from tachi.accounts.authentication import user_of
from tachi.admin.log import ReasonForm

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
#: What a page can do with a batch: the button's label, what is told, the verb. A
#: restore asks first, on a page of its own (`imports.admin.batch_restore`).
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
    "retry_failed": (
        "Try again what failed",
        "What failed is tried again.",
        lambda batch, by, said: control.retry_failed(batch, by),
    ),
    "cancel": (
        "Cancel",
        "Cancelled.",
        lambda batch, by, said: control.cancel(batch, by),
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
#: The page again, with a form that was refused.
Page = Callable[[Confirmation | None], HttpResponse]


def url_of(batch: RevertBatch) -> str:
    """The address of a batch's page."""
    return reverse("admin:imports_revertbatch_change", args=[batch.pk])


def restore_url_of(batch: RevertBatch) -> str:
    """The address of the page that asks whether a batch is to be restored."""
    return reverse("admin:imports_revertbatch_restore", args=[batch.pk])


def act(
    model_admin: ModelAdmin, request: HttpRequest, batch: RevertBatch, page: Page
) -> HttpResponse:
    """Do what a button says, and lead to the page as it is then."""
    name = request.POST.get("verb", "")
    if name not in {*VERBS, "restore"} or not request.user.has_perm(MAY):
        raise PermissionDenied
    if name == "restore":
        return HttpResponseRedirect(restore_url_of(batch))
    _, told, verb = VERBS[name]
    form = Confirmation(request.POST)
    if name == "confirm" and not form.is_valid():
        text = "Type the number of imports as a number."
        model_admin.message_user(request, text, messages.ERROR)
        return page(form)
    why = ReasonForm(request.POST)
    if name != "confirm" and not why.is_valid():
        text = "A reason, or a note, is too long, or no text."
        model_admin.message_user(request, text, messages.ERROR)
        return page(None)
    said = form.cleaned_data if name == "confirm" else _held(request, why)
    by = RequestedBy(user_of(request), Origin.ADMIN, said["reason"], note=said["note"])
    try:
        moved = verb(batch, by, said)
    except (NotPossible, NotAllowed) as refused:
        model_admin.message_user(request, str(refused), messages.ERROR)
        return page(form)
    if name != "hold":
        moved = at_once(moved)
    text = _told(name, moved) or told
    model_admin.message_user(request, text, messages.SUCCESS)
    return HttpResponseRedirect(url_of(batch))


def at_once(batch: RevertBatch) -> RevertBatch:
    """The batch; where the site has no workers, after it has run to its end."""
    return run.run_to_end(batch) if settings.IMPORT_INLINE else batch


def _held(request: HttpRequest, why: ReasonForm) -> dict[str, Any]:
    return {**why.cleaned_data, "held": request.POST.get("held") == "yes"}


def _told(name: str, batch: RevertBatch) -> str | None:
    """What a verb has led to, where that is not always the same."""
    if name == "hold":
        return HELD if batch.held else LET_GO
    return LATER.get(batch.state)
