"""/orphans/: what one has imported and nobody knows yet, by what is missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from imports.discards import discard as discard_orphan
from imports.models import Orphan
from imports.orphans import KIND
from imports.orphans import retry as retry_orphans
from imports.pages import words
from imports.pages.asking import asked
from imports.pages.frame import page, signed_in
from imports.pages.refused import in_the_frame, told_if_refused
from scores.apply_each import apply_each
from tachi.accounts.authentication import asking, user_of
from tachi.admin.formatting import count_of
from tachi.jobs.documents import job_progress
from tachi.jobs.models import Job

ON_A_PAGE = 25
MOST_AT_ONCE = 100  # orphans that one press of a button discards
MAX_SECONDS = 10  # after which no other one is begun


@dataclass(frozen=True)
class Missing:
    """Orphans of which the same is told; `example` is one of them."""

    message: str
    game: str
    count: int
    since: datetime | None
    example: int
    import_id: str
    more_imports: int


@require_safe
@in_the_frame
@signed_in
def orphans(request: HttpRequest) -> HttpResponse:
    """One's orphans, in groups of which the same is told, newest first."""
    own = Orphan.objects.filter(user=user_of(request))
    shown = Paginator(_groups(own), ON_A_PAGE).get_page(request.GET.get("page"))
    job = Job.objects.unfinished().filter(kind=KIND, user=user_of(request)).first()
    context = {
        "groups": _in_words(own, list(shown.object_list)),
        "shown": shown,
        "total": own.values("orphan_id").distinct().count(),
        "job": job,
        "progress": job_progress(job) if job else None,
        "most_at_once": MOST_AT_ONCE,
    }
    return page(request, "orphans.html", context, here="orphans")


@require_POST
@in_the_frame
@signed_in
def discard(request: HttpRequest) -> HttpResponse:
    """Discard all of which the same is told as of one of them."""
    as_asked = asked(request)
    own = Orphan.objects.filter(user=user_of(request))
    sent = request.POST.get("orphan", "")
    example = own.filter(pk=int(sent)).first() if _is_key(sent) else None
    if example is None:
        messages.warning(request, "It is not there any more: it may be a score by now.")
        return redirect("pages:orphans")
    alike = own.filter(game=example.game, message=example.message)
    pks = (
        alike.order_by().values("orphan_id").annotate(first=Min("pk")).order_by("first")
    )
    some = [each["first"] for each in pks[:MOST_AT_ONCE]]
    rows = own.filter(pk__in=some).select_related("user")
    by = asking(as_asked)
    outcome = apply_each(
        rows, lambda each: discard_orphan(each, by), seconds=MAX_SECONDS
    )
    for _, why in outcome.refused[:1]:
        left = count_of(len(outcome.refused), "orphan")
        messages.warning(request, f"{left} could not be discarded: {why}")
    if outcome.changed:
        text = f"Discarded {count_of(len(outcome.changed), 'orphan')}."
        messages.success(request, text)
    return redirect("pages:orphans")


@require_POST
@in_the_frame
@signed_in
def retry(request: HttpRequest) -> HttpResponse:
    """Try all of one's orphans again: a few at once, many by a worker."""
    asked(request)
    found = told_if_refused(request, lambda: retry_orphans(user_of(request)))
    if isinstance(found, Job):
        messages.info(request, "A worker tries them again: this page shows how far.")
    elif found is not None:
        tried = count_of(found["processed"], "orphan")
        text = f"Tried {tried} again: {found['success']:,} became scores"
        gone = f", {found['removed']:,} were known already" if found["removed"] else ""
        messages.success(request, f"{text}{gone}, {found['failed']:,} still wait.")
    return redirect("pages:orphans")


def _groups(own: QuerySet[Orphan]) -> QuerySet[Any, Any]:
    told = own.order_by().values("game", missing=F("message"))
    return told.annotate(
        count=Count("orphan_id", distinct=True),
        since=Min("time_inserted"),
        last=Max("time_inserted"),
        example=Min("pk"),
        in_imports=Count("source_import", distinct=True),
    ).order_by("-last", "example")


def _in_words(own: QuerySet[Orphan], groups: list[dict[str, Any]]) -> list[Missing]:
    """The groups with the import of each, and how many other imports sent the same."""
    examples = own.filter(pk__in=[each["example"] for each in groups])
    ids = dict(examples.values_list("pk", "source_import__import_id"))
    return [
        Missing(
            each["missing"],
            words.game_title(each["game"]),
            each["count"],
            words.moment_of(each["since"]),
            each["example"],
            ids[each["example"]],
            each["in_imports"] - 1,
        )
        for each in groups
        if each["example"] in ids
    ]


def _is_key(sent: str) -> bool:
    return sent.isascii() and sent.isdigit() and len(sent) < 18
