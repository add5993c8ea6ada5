"""Reverting and restoring the selected imports, after a page that says what will go.

A page works on at most MOST_AT_ONCE imports, and posts their keys: what is changed is
what was shown, even if by then more imports match the filters.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, Sum
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html

from imports.admin.filters import revert_command
from imports.models import Import, ImportQuerySet, RequestedBy, Revert
from imports.undo.preview import preview, staying_classes
from imports.undo.restore import NotRestorable, restorable_since, restore_import
from imports.undo.revert import revert_import
from scores.apply_each import Outcome, apply_each
from tachi.admin.formatting import counted, listing
from tachi.admin.read_only import (
    MOST_AT_ONCE,
    SECONDS_AT_ONCE,
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
    page: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Show what will go; if that is confirmed, revert the completed imports."""
    imports = _chosen(page, request, queryset.completed())
    form = ReasonForm(request.POST if "confirmed" in request.POST else None)
    if not imports:
        return None
    if form.is_valid():
        requested_by = RequestedBy(
            request.user, Revert.Origin.ADMIN, form.cleaned_data["reason"]
        )
        outcome = apply_each(
            imports,
            lambda each: revert_import(each, requested_by),
            seconds=SECONDS_AT_ONCE,
        )
        _report(page, request, outcome, "Reverted")
        _mention_classes(page, request, outcome)
        return None
    context = {
        "title": "Revert imports",
        "form": form,
        "preview": preview(imports),
        "review": _review(),
    }
    return _confirmation(page, request, imports, {"action": "revert", **context})


def restore(
    page: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Show what will return; if that is confirmed, restore the reverted imports."""
    imports = _chosen(page, request, queryset.reverted())
    if not imports:
        return None
    imports.reverse()  # in the order in which they came
    if "confirmed" in request.POST:
        requested_by = RequestedBy(request.user, Revert.Origin.ADMIN)
        outcome = apply_each(
            imports,
            lambda each: restore_import(each, requested_by),
            refusals=(NotRestorable,),
            seconds=SECONDS_AT_ONCE,
        )
        _report(page, request, outcome, "Restored")
        return None
    reverts = Revert.objects.filter(of_import__in=imports, restored_at=None)
    gone = Q(snapshot=None) | Q(reverted_at__lt=restorable_since())
    context = {
        "title": "Restore imports",
        "totals": reverts.exclude(gone).aggregate(
            scores=Sum("score_count", default=0), orphans=Sum("orphan_count", default=0)
        ),
        "too_old": reverts.filter(gone).count(),
    }
    return _confirmation(page, request, imports, {"action": "restore", **context})


def _chosen(
    page: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> list[Import]:
    """The imports to work on, newest first; none if that is not possible, and why."""
    if too_many(queryset):
        page.message_user(request, _too_many(request), messages.ERROR)
        return []
    imports = queryset.select_related("user").order_by("-finished_at", "-pk")
    if not imports:
        text = "None of the selected imports is in a state for that."
        page.message_user(request, text, messages.WARNING)
    return list(imports)


def _too_many(request: HttpRequest) -> str:
    text = f"At most {MOST_AT_ONCE} imports at once."
    command = revert_command(request.GET.dict())
    if command is None or request.POST.get("action") != "revert":
        return f"{text} Narrow the list down."
    return format_html("{} For these, use <code>{}</code>", text, command)


def _confirmation(
    page: ReadOnlyAdmin,
    request: HttpRequest,
    imports: list[Import],
    context: dict[str, Any],
) -> TemplateResponse:
    selected = len(request.POST.getlist(ACTION_CHECKBOX_NAME))
    if request.POST.get("select_across") == "1":
        selected = len(imports)
    common = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "imports": imports,
        "listed": imports[:LISTED],
        "unlisted": len(imports[LISTED:]),
        "left_alone": selected - len(imports),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    template = f"admin/imports/import/{context['action']}_confirmation.html"
    return TemplateResponse(request, template, {**common, **context})


def _report(
    page: ReadOnlyAdmin, request: HttpRequest, outcome: Outcome, done: str
) -> None:
    """Say what was done, and what was not and why; the first goes on record as well."""
    changed = outcome.changed
    for each, scores in changed:
        page.log_change(request, each, f"{done} with {counted(scores, 'score')}.")
    if changed:
        scores = sum(scores for _, scores in changed)
        what = f"{counted(len(changed), 'import')} with {counted(scores, 'score')}"
        text = f"{done} {what}."
        page.message_user(request, text, messages.SUCCESS)
    unchanged = len(outcome.done) - len(changed)
    if unchanged:
        text = f"Left alone {counted(unchanged, 'import')} that changed meanwhile."
        page.message_user(request, text, messages.WARNING)
    for each, why in outcome.refused:
        text = f"Import {each} of {each.user} was refused. {why}"
        page.message_user(request, text, messages.ERROR)


def _mention_classes(
    page: ReadOnlyAdmin, request: HttpRequest, outcome: Outcome
) -> None:
    staying = staying_classes([each for each, _ in outcome.done])
    if staying:
        classes = counted(staying, "provided class", "es")
        message = format_html("{} to look at in the {}.", classes, _review())
        page.message_user(request, message, messages.WARNING)


def _review() -> str:
    return listing("class review", "scores_classclaim", state="review")
