"""Which imports a list shows: the newest, filtered by what its query asks for."""

from datetime import timedelta
from typing import TypedDict, cast

from django.db.models import Count
from django.utils import timezone
from rest_framework.request import Request

from imports.filters import ImportFilterSet
from imports.models import Import, ImportQuerySet
from tachi.accounts.models import User
from tachi.api.filters import narrowed
from tachi.api.paging import PAGING, Order, Page, page
from tachi.api.validation import one_of, optional, validate

LONGEST = 500
# The primary key of an import stays the same through its revert and its restore.
BY_FINISH = Order(("-finished_at", "-pk"))
BY_START = Order(("-started_at", "-pk"))
RECENT = timedelta(days=28)
# Both come with every visit of the page they are for, and say little of a habit.
NOT_RECENT = ("file/mypagescraper-player-csv", "file/mypagescraper-records-csv")
FILTERS = ("importType", "game", "playtype", "service", "since", "until", "intent")
QUERY = {
    **ImportFilterSet.query(*FILTERS),
    "userIntent": optional(one_of("true", "false")),
    **PAGING,
}


class RecentType(TypedDict):
    """How often a user imported in one way."""

    importType: str
    count: int


def finished(request: Request, user: User | None = None) -> Page[Import]:
    """The last 500 completed imports, of all users or of one, or the page asked for.

    Raises Refused (400) for a bad query.
    """
    imports = _asked_for(Import.objects.completed(), request, user)
    return page(request, imports, BY_FINISH, LONGEST)


def failed(request: Request, user: User | None = None) -> Page[Import]:
    """The same of those that failed, by when they were started."""
    imports = _asked_for(Import.objects.failed(), request, user)
    return page(request, imports, BY_START, LONGEST)


def recent_types(user: User) -> list[RecentType]:
    """How often the user imported in which way in the last four weeks, most first.

    Only imports that the user asked for count: `[{importType, count}]`.
    """
    imports = Import.objects.completed().filter(
        user=user, user_intent=True, finished_at__gte=timezone.now() - RECENT
    )
    counts = imports.exclude(import_type__in=NOT_RECENT).values("import_type")
    return [
        {"importType": row["import_type"], "count": row["count"]}
        for row in counts.annotate(count=Count("pk")).order_by("-count", "import_type")
    ]


def _asked_for(
    imports: ImportQuerySet, request: Request, user: User | None
) -> ImportQuerySet:
    sent = validate(request.query_params, QUERY)
    if user is not None:
        imports = imports.filter(user=user)
    wanted = {name: sent[name] for name in FILTERS if name in sent}
    if "userIntent" in sent:
        imports = imports.filter(user_intent=sent["userIntent"] == "true")
    return cast(ImportQuerySet, narrowed(ImportFilterSet, wanted, imports))
