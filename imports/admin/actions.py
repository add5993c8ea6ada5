"""What moderators do with the selected imports, after a confirmation.

The confirmation lists at most MAX_ROWS imports and posts their keys, so that what is
changed is what was shown, even if more imports match the filters by then.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, Sum
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html

from imports.admin.filters import command_for
from imports.models import Import, ImportQuerySet, RequestedBy, Revert
from imports.queue.stops import NotCancelled, cancel_import
from imports.retry import NotRetried, has_input, retry_import
from imports.undo.preview import preview, staying_classes
from imports.undo.restore import NotRestorable, restorable_since, restore_import
from imports.undo.revert import revert_import
from scores.apply_each import Outcome, apply_each
from tachi.accounts.authentication import user_of
from tachi.admin.formatting import count_of, list_link
from tachi.admin.read_only import (
    MAX_ROWS,
    MAX_SECONDS,
    ReadOnlyAdmin,
    too_many,
)

LISTED = 50


class ReasonForm(forms.Form):
    """Why imports are reverted; it is kept with each revert."""

    reason = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


def revert(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Show a preview; once it is confirmed, revert the completed imports."""
    imports = _selected(model_admin, request, queryset.completed())
    form = ReasonForm(request.POST if "confirmed" in request.POST else None)
    if not imports:
        return None
    if form.is_valid():
        requested_by = RequestedBy(
            user_of(request), Revert.Origin.ADMIN, form.cleaned_data["reason"]
        )
        outcome = apply_each(
            imports,
            lambda each: revert_import(each, requested_by),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Reverted")
        _mention_classes(model_admin, request, outcome)
        return None
    context = {
        "title": "Revert imports",
        "form": form,
        "preview": preview(imports),
        "review": _review(),
    }
    return _confirmation(model_admin, request, imports, {"action": "revert", **context})


def restore(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Show a preview; once it is confirmed, restore the reverted imports."""
    imports = _selected(model_admin, request, queryset.reverted())
    if not imports:
        return None
    imports.reverse()  # oldest first, in the order in which they were imported
    if "confirmed" in request.POST:
        requested_by = RequestedBy(user_of(request), Revert.Origin.ADMIN)
        outcome = apply_each(
            imports,
            lambda each: restore_import(each, requested_by),
            refusals=(NotRestorable,),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Restored")
        return None
    reverts = Revert.objects.filter(of_import__in=imports, restored_at=None)
    too_old = Q(snapshot=None) | Q(reverted_at__lt=restorable_since())
    context = {
        "title": "Restore imports",
        "totals": reverts.exclude(too_old).aggregate(
            scores=Sum("score_count", default=0), orphans=Sum("orphan_count", default=0)
        ),
        "too_old": reverts.filter(too_old).count(),
    }
    return _confirmation(
        model_admin, request, imports, {"action": "restore", **context}
    )


def cancel(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Ask; once it is confirmed, cancel the imports that are not written yet."""
    imports = _selected(model_admin, request, queryset.unfinished())
    if not imports:
        return None
    if "confirmed" in request.POST:
        requested_by = RequestedBy(user_of(request), Revert.Origin.ADMIN)
        outcome = apply_each(
            imports,
            lambda each: cancel_import(each, requested_by),
            refusals=(NotCancelled,),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Cancelled", with_scores=False)
        return None
    context = {"action": "cancel", "title": "Cancel imports"}
    return _confirmation(model_admin, request, imports, context)


def retry(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Ask; once it is confirmed, run failed imports again whose input is kept."""
    retriable = queryset.failed().filter(has_input())
    why_none = "None of the selected imports has failed with what was sent still kept."
    imports = _selected(model_admin, request, retriable, why_none)
    if not imports:
        return None
    imports.reverse()  # oldest first
    if "confirmed" in request.POST:
        outcome = apply_each(
            imports, _retry, refusals=(NotRetried,), seconds=MAX_SECONDS
        )
        _report(model_admin, request, outcome, "Retried", with_scores=False)
        return None
    context = {"action": "retry", "title": "Retry imports"}
    return _confirmation(model_admin, request, imports, context)


def _retry(import_: Import) -> int:
    retry_import(import_)
    return 1


def _selected(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    queryset: ImportQuerySet,
    why_none: str = "None of the selected imports is in a state for that.",
) -> list[Import]:
    """The selected imports, newest first; none, and a message, if refused."""
    if too_many(queryset):
        model_admin.message_user(request, _too_many_text(request), messages.ERROR)
        return []
    imports = queryset.select_related("user").order_by("-finished_at", "-pk")
    if not imports:
        model_admin.message_user(request, why_none, messages.WARNING)
    return list(imports)


def _too_many_text(request: HttpRequest) -> str:
    text = f"At most {MAX_ROWS} imports at once."
    command = command_for(request.POST.get("action", ""), request.GET.dict())
    if command is None:
        return f"{text} Narrow the list down."
    return format_html("{} For these, use <code>{}</code>", text, command)


def _confirmation(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    imports: list[Import],
    context: dict[str, Any],
) -> TemplateResponse:
    selected = len(request.POST.getlist(ACTION_CHECKBOX_NAME))
    if request.POST.get("select_across") == "1":
        selected = len(imports)
    common = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "imports": imports,
        "listed": imports[:LISTED],
        "unlisted": len(imports[LISTED:]),
        "left_alone": selected - len(imports),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    template = f"admin/imports/import/{context['action']}_confirmation.html"
    return TemplateResponse(request, template, {**common, **context})


def _report(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    outcome: Outcome,
    done: str,
    *,
    with_scores: bool = True,
) -> None:
    """Show what was done, and what was not and why; record each change."""
    changed = outcome.changed

    def of(scores: int) -> str:
        return f" with {count_of(scores, 'score')}" if with_scores else ""

    for each, scores in changed:
        model_admin.log_change(request, each, f"{done}{of(scores)}.")
    if changed:
        scores = sum(scores for _, scores in changed)
        text = f"{done} {count_of(len(changed), 'import')}{of(scores)}."
        model_admin.message_user(request, text, messages.SUCCESS)
    unchanged = len(outcome.done) - len(changed)
    if unchanged:
        text = f"Left alone {count_of(unchanged, 'import')} that changed meanwhile."
        model_admin.message_user(request, text, messages.WARNING)
    for each, why in outcome.refused:
        text = f"Import {each} of {each.user} was refused. {why}"
        model_admin.message_user(request, text, messages.ERROR)


def _mention_classes(
    model_admin: ReadOnlyAdmin, request: HttpRequest, outcome: Outcome
) -> None:
    staying = staying_classes([each for each, _ in outcome.done])
    if staying:
        classes = count_of(staying, "provided class", "es")
        message = format_html("{} to look at in the {}.", classes, _review())
        model_admin.message_user(request, message, messages.WARNING)


def _review() -> str:
    """A link to the class claims of reverted imports."""
    return list_link("class review", "scores_classclaim", state="review")
