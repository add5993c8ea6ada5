"""What moderators do with the selected imports, after a confirmation.

The confirmation lists at most MAX_ROWS imports and posts their keys, so that what is
changed is what was shown, even if more imports match the filters by then.
"""

from typing import Any

from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html

from imports.admin import drafting, preview_words, run_again_form
from imports.admin.staff import is_allowed
from imports.admin.trying import tried_out
from imports.class_review.sentences import classes_after_restore
from imports.models import Import, ImportQuerySet, RequestedBy, Revert
from imports.queue.stops import NotCancelled, cancel_import
from imports.retry import NotRetried, has_input, retry_import
from imports.undo.counted import counted, staying_classes
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable, is_over
from imports.undo.revert import revert_import
from imports.undo.run_again import NotRunAgain
from imports.undo.run_again import run_again as run_import_again
from scores.apply_each import Outcome, apply_each
from tachi.accounts.authentication import user_of
from tachi.admin.confirmation import confirmation, given_reason
from tachi.admin.formatting import count_of, list_link
from tachi.admin.log import ReasonForm
from tachi.admin.read_only import MAX_ROWS, MAX_SECONDS, ReadOnlyAdmin, too_many

WITH_SCORES = {"Reverted", "Restored"}


def revert(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> HttpResponse | None:
    """Show a preview; once it is confirmed, revert the completed imports.

    Many, those of many scores, or all of a list become the draft of a batch.
    """
    if drafting.is_wanted(request, queryset):
        return drafting.draft_of(model_admin, request, queryset)
    why_none = "None of the selected imports is completed: nothing was reverted."
    imports = _selected(model_admin, request, queryset.completed(), why_none)
    if not (imports and is_allowed(model_admin, request, imports)):
        return None
    if form := _confirmed(request):
        by = _requested_by(request, form)
        outcome = apply_each(
            imports, lambda each: _revert(each, by), seconds=MAX_SECONDS
        )
        _report(model_admin, request, outcome, "Reverted")
        _mention_classes(model_admin, request, outcome)
        return None
    context: dict[str, Any] = {
        "title": "Revert imports",
        "preview": tried_out(imports),
        "review": _review(),
    }
    if context["preview"] is None:
        context["counted"] = counted(imports)
    else:
        context["told"] = preview_words.told(context["preview"])
    return _ask(model_admin, request, imports, {"action": "revert", **context})


def restore(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Show a preview; once it is confirmed, restore the reverted imports."""
    why_none = "None of the selected imports is reverted: nothing was restored."
    imports = _selected(model_admin, request, queryset.reverted(), why_none)
    if not (imports and is_allowed(model_admin, request, imports)):
        return None
    imports.reverse()  # oldest first, in the order in which they were imported
    if form := _confirmed(request):
        by = _requested_by(request, form)
        outcome = apply_each(
            imports,
            lambda each: restore_import(each, by),
            refusals=(NotRestorable,),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Restored")
        _tell_classes(model_admin, request, outcome)
        return None
    reverts = Revert.objects.filter(of_import__in=imports, restored_at=None)
    too_old = Q(snapshot=None) | is_over()
    context = {
        "title": "Restore imports",
        "totals": reverts.exclude(too_old).aggregate(
            scores=Sum("score_count", default=0), orphans=Sum("orphan_count", default=0)
        ),
        "too_old": reverts.filter(too_old).count(),
    }
    return _ask(model_admin, request, imports, {"action": "restore", **context})


def cancel(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Ask; once it is confirmed, cancel the imports that are not written yet."""
    why_none = "All of the selected imports have ended: nothing was cancelled."
    imports = _selected(model_admin, request, queryset.unfinished(), why_none)
    if not imports:
        return None
    if form := _confirmed(request):
        by = _requested_by(request, form)
        outcome = apply_each(
            imports,
            lambda each: cancel_import(each, by),
            refusals=(NotCancelled,),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Cancelled")
        return None
    context = {"action": "cancel", "title": "Cancel imports"}
    return _ask(model_admin, request, imports, context)


def retry(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Ask; once it is confirmed, run failed imports again whose input is kept."""
    retriable = queryset.failed().filter(has_input())
    why_none = (
        "Nothing was retried: none of the selected imports has failed by a fault of"
        " the server, or what was sent is not kept any more."
    )
    imports = _selected(model_admin, request, retriable, why_none)
    if not imports:
        return None
    imports.reverse()  # oldest first
    if form := _confirmed(request):
        by = _requested_by(request, form)
        outcome = apply_each(
            imports,
            lambda each: _retry(each, by),
            refusals=(NotRetried,),
            seconds=MAX_SECONDS,
        )
        _report(model_admin, request, outcome, "Retried")
        return None
    context = {"action": "retry", "title": "Retry imports"}
    return _ask(model_admin, request, imports, context)


def run_again(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> TemplateResponse | None:
    """Ask for a playtype; once it is confirmed, run completed imports again."""
    why_none = (
        "Nothing was run again: none of the selected imports is completed, or what was"
        " sent is not kept any more."
    )
    runnable = queryset.completed().filter(has_input())
    imports = _selected(model_admin, request, runnable, why_none)
    if not (imports and is_allowed(model_admin, request, imports)):
        return None
    imports.sort(key=lambda each: each.sequence or 0)  # the new ones' order is theirs
    form = run_again_form.given(request, imports)
    if form.is_valid():
        by, playtype = _requested_by(request, form), form.cleaned_data["playtype"]
        outcome = apply_each(
            imports,
            lambda each: _run_again(each, by, playtype or None),
            refusals=(NotRunAgain,),
            seconds=MAX_SECONDS,
        )
        how = f", as {playtype}" if playtype else ""
        _report(model_admin, request, outcome, "Ran again", how)
        _mention_classes(model_admin, request, outcome)
        return None
    context = {"action": "run_again", "title": "Run imports again", "form": form}
    return _ask(model_admin, request, imports, context)


def _confirmed(request: HttpRequest) -> ReasonForm | None:
    """The form of the confirmation, if that was sent, and right."""
    form = given_reason(request)
    return form if form.is_valid() else None


def _requested_by(request: HttpRequest, form: ReasonForm) -> RequestedBy:
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    return RequestedBy(user_of(request), Revert.Origin.ADMIN, reason, note=note)


def _revert(import_: Import, by: RequestedBy) -> int | None:
    undone = revert_import(import_, by)
    return None if undone is None else undone.scores


def _run_again(import_: Import, by: RequestedBy, playtype: str | None) -> int | None:
    done = run_import_again(import_, by, playtype=playtype)
    return None if done is None else done.scores


def _retry(import_: Import, by: RequestedBy) -> int:
    retry_import(import_, by, past_rules=True)
    return 1


def _selected(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    queryset: ImportQuerySet,
    why_none: str,
) -> list[Import]:
    """The selected imports, newest first; none, and a message, if refused."""
    if too_many(queryset):
        text = f"At most {MAX_ROWS} imports at once. Narrow the list down."
        model_admin.message_user(request, text, messages.ERROR)
        return []
    imports = queryset.select_related("user").order_by("-finished_at", "-pk")
    if not imports:
        model_admin.message_user(request, why_none, messages.WARNING)
    return list(imports)


def _ask(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    imports: list[Import],
    context: dict[str, Any],
) -> TemplateResponse:
    more: dict[str, Any] = {"imports": imports, "form": given_reason(request)}
    return confirmation(model_admin, request, imports, {**more, **context})


def _report(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    outcome: Outcome,
    done: str,
    how: str = "",
) -> None:
    """Show what was done, and what was not and why."""
    changed = outcome.changed

    def of(scores: int) -> str:
        return f" with {count_of(scores, 'score')}" if done in WITH_SCORES else ""

    if changed:
        scores = sum(scores for _, scores in changed)
        text = f"{done} {count_of(len(changed), 'import')}{of(scores)}{how}."
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


def _tell_classes(
    model_admin: ReadOnlyAdmin, request: HttpRequest, outcome: Outcome
) -> None:
    """What became of the classes of imports that are restored."""
    text = classes_after_restore([each for each, _ in outcome.changed])
    if text:
        model_admin.message_user(request, text, messages.INFO)


def _review() -> str:
    """A link to the class claims of reverted imports."""
    return list_link("class review", "scores_classclaim", state="review")
