"""Many imports of a list, or all that its filters match: the draft of a batch."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from imports.admin.batch_page import MAY, url_of
from imports.admin.filters import filters_of, narrower
from imports.batches.draft import draft
from imports.batches.refusals import NotAllowed, NotDraftable
from imports.filters import BadFilter
from imports.models import Import, ImportQuerySet, Origin, RequestedBy
from scores.models import Score
from tachi.accounts.authentication import user_of
from tachi.admin.confirmation import plural
from tachi.admin.formatting import count_of
from tachi.admin.lists import whole_list
from tachi.admin.read_only import ReadOnlyAdmin, too_many

NARROW = "Narrow the list down first: all imports there are make no batch."


def is_wanted(request: HttpRequest, queryset: ImportQuerySet) -> bool:
    """Whether a revert of these is a batch: there are many, or all of a list's, or as
    many scores as are to be confirmed with a reason and a number.
    """
    if "confirmed" in request.POST or not request.user.has_perm(MAY):
        return False
    completed = queryset.completed()
    return is_whole_list(request) or too_many(completed) or has_many_scores(completed)


def has_many_scores(imports: ImportQuerySet) -> bool:
    """Whether a batch of these is a large one."""
    scores = Score.objects.filter(source_import__in=imports.order_by().values("pk"))
    most = settings.BATCH_LARGE_SCORES
    return scores.values("pk")[: most + 1].count() > most


def is_whole_list(request: HttpRequest) -> bool:
    """Whether all rows of a list are selected, also those on its other pages."""
    return request.POST.get("select_across") == "1"


def draft_of(
    model_admin: ReadOnlyAdmin, request: HttpRequest, queryset: ImportQuerySet
) -> HttpResponse | None:
    """Draft a batch and go to its page; None, and a message, where it cannot be."""
    try:
        batch = draft(
            RequestedBy(user_of(request), Origin.ADMIN), **_selected(request, queryset)
        )
    except (NotDraftable, NotAllowed, BadFilter) as why:
        model_admin.message_user(request, str(why), messages.ERROR)
        return None
    text = f"Drafted a batch of {count_of(batch.imports, 'import')}."
    if whole := whole_list(request):
        text = f"{whole.in_words(plural(Import, whole.count))} {text}"
    model_admin.message_user(
        request, f"{text} Nothing is reverted yet.", messages.SUCCESS
    )
    return HttpResponseRedirect(url_of(batch))


def _selected(request: HttpRequest, queryset: ImportQuerySet) -> dict[str, Any]:
    """What `draft` is to select: as filters, where they are all that narrows the list.

    Raises NotDraftable for a list that nothing narrows down.
    """
    parameters = request.GET.dict()
    filters = filters_of(parameters)
    is_narrower = parameters.get(SEARCH_VAR) or narrower(parameters)
    if is_whole_list(request):
        if not filters and not is_narrower:
            raise NotDraftable(NARROW)
        if not is_narrower:
            return {"filters": filters}
    return {
        "import_ids": list(queryset.completed().values_list("import_id", flat=True))
    }
