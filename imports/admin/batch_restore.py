"""The page that asks whether what a batch reverted is to come back."""

from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from imports.admin.batch_tables import tables_of
from imports.admin.batch_verbs import MAY, at_once, url_of
from imports.batches import control
from imports.batches.coming_back import coming_back, reverts_of, tried_out
from imports.batches.documents import batch_document
from imports.batches.possible import needs_administrator, possible
from imports.batches.refusals import NotAllowed, NotPossible
from imports.models import Origin, RequestedBy, RevertBatch
from tachi.accounts.authentication import user_of
from tachi.admin.log import ReasonForm

LISTED = 50
NOTHING = "Nothing of this batch can be restored now."
STAFF = "Imports of staff need an administrator: those of {}."


def answer(
    model_admin: ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Ask, with what would come back; once it is confirmed, let it be restored."""
    batch = model_admin.get_object(request, unquote(object_id))
    if not (
        model_admin.has_view_permission(request, batch) and request.user.has_perm(MAY)
    ):
        raise PermissionDenied
    if batch is None:
        return HttpResponseRedirect(reverse("admin:imports_revertbatch_changelist"))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _restored(model_admin, request, batch, form)
    if why_not := _why_not(request, batch):
        model_admin.message_user(request, why_not, messages.WARNING)
        return HttpResponseRedirect(url_of(batch))
    return _asked(model_admin, request, batch, form)


def _why_not(request: HttpRequest, batch: RevertBatch) -> str:
    if "restore" not in possible(batch, batch_document(batch)):
        return NOTHING
    staff = needs_administrator(batch, user_of(request))
    return STAFF.format(", ".join(staff)) if staff else ""


def _restored(
    model_admin: ModelAdmin, request: HttpRequest, batch: RevertBatch, form: ReasonForm
) -> HttpResponse:
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    by = RequestedBy(user_of(request), Origin.ADMIN, reason, note=note)
    try:
        at_once(control.restore(batch, by))
    except (NotPossible, NotAllowed) as refused:
        model_admin.message_user(request, str(refused), messages.ERROR)
    else:
        model_admin.message_user(request, "Restoring.", messages.SUCCESS)
    return HttpResponseRedirect(url_of(batch))


def _asked(
    model_admin: ModelAdmin, request: HttpRequest, batch: RevertBatch, form: ReasonForm
) -> HttpResponse:
    back = coming_back(batch)
    preview = tried_out(batch, back)
    reverts = reverts_of(batch).select_related("of_import__user").defer("snapshot")
    listed = list(reverts.order_by("pk")[:LISTED])
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"Restore batch {batch.batch_id[:12]}…",
        "batch": batch,
        "back": back,
        "preview": preview,
        "tables": tables_of(preview, batch),
        "listed": listed,
        "unlisted": back.imports - len(listed),
        "form": form,
    }
    template = "admin/imports/revertbatch/restore.html"
    return TemplateResponse(request, template, context)
