"""The page of one import: the verdict first, then what it is made of."""

from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from imports.admin.filters import parameter
from imports.admin.import_buttons import buttons
from imports.admin.import_history import history
from imports.admin.import_holds import SCORES, holdings
from imports.admin.import_sent import sent_of
from imports.models import Import, State
from imports.models.imports import UNFINISHED
from imports.possible import restorable_by
from imports.progress import progress_document
from imports.rows.grouped import Group, grouped
from imports.rows.listing import not_imported
from imports.verdicts import Verdict, verdict
from tachi.admin.formatting import count_of, detail_link, list_link, shortened
from tachi.admin.looking import may_look_at
from tachi.pages.looks import Kind, kind_of

LIST = "admin:imports_import_changelist"
TEMPLATE = "admin/imports/import/page.html"
REFRESH_SECONDS = 5  # without JavaScript
LONGEST_VERDICT = 1_000  # characters; what was wrong is listed below
PROBLEMS, HOLDERS = 50, 20  # that are shown
WITH_ROWS = (State.COMPLETED, State.REVERTED)
WAYS = ("imported", "held", "orphaned", "rejected", "blocked")


class Share(NamedTuple):
    """How many rows ended in a way, and where its part of the bar is, of a thousand."""

    way: str
    rows: int
    kind: Kind
    start: str
    width: str


def page(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page, for who may see imports; nothing is changed here."""
    import_ = found(object_id)
    if request.method == "POST" or not model_admin.has_view_permission(
        request, import_
    ):
        raise PermissionDenied
    if import_ is None:
        text = f"There is no import {object_id}. Perhaps it was deleted."
        model_admin.message_user(request, text, "warning")
        return HttpResponseRedirect(reverse(LIST))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": import_,
        "import": import_,
        "title": f"Import {shortened(import_.import_id)}",
        "player": detail_link(import_.user, "accounts_user", import_.user_id),
        "token": detail_link(import_.token, "accounts_apitoken", import_.token_id),
        "more_from": _more_from(import_),
        "may": buttons(request, import_),
        "events": history(request, import_),
        "lists": _lists(import_),
        "sent": sent_of(request, import_),
        "document": f"/api/v1/imports/{import_.import_id}",
        **_stands(import_),
        **_rows(import_),
        **_holds(import_),
    }
    return TemplateResponse(request, TEMPLATE, context)


def found(object_id: str) -> Import | None:
    """The import of a page's address, with whom and what it came by."""
    if not object_id.isdecimal() or len(object_id) > 18:
        return None
    imports = Import.objects.select_related("user", "token", "rerun_of")
    return (
        imports.defer("later_claims", "context", "errors").filter(pk=object_id).first()
    )


def _stands(import_: Import) -> dict[str, Any]:
    """The verdict, and what follows from it."""
    told = verdict(import_)
    is_over = import_.state not in UNFINISHED
    rerun = import_.reruns.only("import_id").first() if is_over else None
    return {
        "verdict": told,
        "kind": kind_of(told.state),
        "before": told.before[:LONGEST_VERDICT],
        "holder": _link(told.holder.name, told.holder.pk) if told.holder else "",
        "holders": _holders(told),
        "unlisted_holders": max(0, len(told.holders) - HOLDERS),
        "rerun": rerun and _link(shortened(rerun.import_id), rerun.pk),
        "rerun_of": import_.rerun_of
        and _link(shortened(import_.rerun_of.import_id), import_.rerun_of.pk),
        "until": restorable_by(import_) if import_.state == State.REVERTED else None,
        "problems": (import_.problems or [])[:PROBLEMS],
        "progress": None if is_over else progress_document(import_),
        "refresh": REFRESH_SECONDS,
        "poll": f"/api/v1/imports/{import_.import_id}/poll-status",
    }


def _link(label: str, pk: int) -> str:
    return detail_link(label, "imports_import", pk)


def _holders(told: Verdict) -> list[tuple[str, str]]:
    """Links to those that are not in the sentence already, and what they hold."""
    if told.holder:
        return []
    return [
        (_link(each.name, each.pk), count_of(each.scores, "score"))
        for each in told.holders[:HOLDERS]
    ]


def _rows(import_: Import) -> dict[str, Any]:
    """What became of the rows: how many in each way, and why those that made no score.

    Long after a revert they are not kept any more.
    """
    if import_.state not in WITH_ROWS:
        return {"shares": [], "groups": []}
    groups: list[Group] = grouped(not_imported(import_))
    csv = f"/api/v1/imports/{import_.import_id}/rows.csv"
    return {
        "total": import_.counts.get("total", 0),
        "shares": _shares(import_),
        "also": _also(import_),
        "groups": groups,
        "csv": csv if import_.state == State.COMPLETED else "",
    }


def _shares(import_: Import) -> list[Share]:
    counts = [(way, import_.counts.get(way, 0)) for way in WAYS]
    total, start, shares = sum(count for _, count in counts) or 1, 0.0, []
    for way, count in counts:
        width = 1_000 * count / total
        if count:
            shares.append(
                Share(way, count, kind_of(way), f"{start:.1f}", f"{width:.1f}")
            )
        start += width
    return shares


def _also(import_: Import) -> list[str]:
    """What is to be known of those that were known."""
    words = (
        ("differing", "said something else than what is held, which is kept"),
        ("otherTime", "of these said another time"),
        ("filled", "added something to the score that is held"),
    )
    return [
        f"{import_.counts[name]:,} {text}"
        for name, text in words
        if import_.counts.get(name)
    ]


def _holds(import_: Import) -> dict[str, Any]:
    if import_.state not in WITH_ROWS:
        return {}
    more = {"import": import_.import_id}
    held = holdings(import_)
    return {
        **held,
        "holds": True,
        "unlisted_scores": held["score_count"] > SCORES,
        "all_scores": list_link(
            f"All {count_of(held['score_count'], 'score')}", "scores_score", **more
        ),
        "all_sessions": list_link("All sessions", "scores_session", **more),
        "orphans": list_link(
            count_of(held["orphan_count"], "orphan"), "imports_orphan", **more
        ),
        "claims": list_link(
            "In the class review", "scores_classclaim", **more, state="all"
        ),
    }


def _lists(import_: Import) -> list[str]:
    """Links to lists of what is told in its history."""
    lists = {
        "Reverts": "imports_revert",
        "Batches": "imports_revertbatch",
        "Moderation log": "moderation_entry",
    }
    return [
        list_link(name, model, **{"import": import_.import_id})
        for name, model in lists.items()
        if may_look_at(model)
    ]


def _more_from(import_: Import) -> dict[str, str]:
    """Lists of imports of the same source, by what they have in common."""
    token = import_.token
    same = {
        "user": import_.user.username,
        "userAgent": import_.user_agent,
        "token": token.prefix if token else "",
        "service": import_.service,
    }
    return {
        name: f"{reverse(LIST)}?{urlencode({parameter(name): value})}"
        for name, value in same.items()
        if value.strip()
    }
