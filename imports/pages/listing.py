"""/imports/: a file to drop, and what one has imported, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from imports.documents import UNLISTED
from imports.filters import BadFilter, ImportFilterSet
from imports.models import Import, Revert, State
from imports.pages import words
from imports.pages.frame import page, signed_in
from imports.pages.refused import in_the_frame
from imports.pages.upload_form import upload_form
from imports.undo.retention import restorable_until
from imports.verdicts import first_line
from tachi.accounts.authentication import user_of

ON_A_PAGE = 30
#: What no line of the list shows.
UNSHOWN = (*UNLISTED, "errors", "class_deltas")


@dataclass(frozen=True)
class Line:
    """An import of the list, in words."""

    import_: Import
    game: str
    kind: str
    brief: str
    client: str
    error: str
    restorable_until: datetime | None


@require_safe
@in_the_frame
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """The form to upload by, and one's own imports."""
    return page(request, "imports.html", list_context(request), here="imports")


def list_context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows; a constant number of statements."""
    own = Import.objects.filter(user=user_of(request)).defer(*UNSHOWN)
    wanted = {
        name: request.GET[name]
        for name in ("state", "game", "importType")
        if request.GET.get(name)
    }
    found, wrong = _narrowed(own, wanted)
    ordered = found.select_related("token").order_by("-pk")
    shown = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "upload": upload_form(),
        "lines": _lines(shown.object_list),
        "shown": shown,
        "query": _without_page(request.GET),
        "wanted": wanted,
        "wrong": wrong,
        **_choices(own),
    }


def _narrowed(own: QuerySet[Import], wanted: dict[str, str]) -> tuple[Any, str]:
    """The imports that are wanted, and what is wrong with a filter: then none are."""
    filters = dict(wanted)
    state = filters.pop("state", None)
    try:
        if state is not None and state not in State.values:
            raise BadFilter("state", f"cannot be {state!r}.")
        found = ImportFilterSet(filters, own).qs
    except BadFilter as wrong:
        names = {"importType": "The type", "game": "The game", "state": "The state"}
        return own.none(), wrong.worded(names[wrong.name])
    return (found.filter(state=state) if state else found), ""


def _choices(own: QuerySet[Import]) -> dict[str, Any]:
    """What there is to choose between: games and types that one has imported."""
    there = own.order_by().values_list("game", "import_type").distinct()
    pairs = list(there)
    games = sorted({game for game, _ in pairs if game})
    types = sorted({import_type for _, import_type in pairs})
    return {
        "states": State.choices,
        "games": [(each, words.game_title(each)) for each in games],
        "types": [(each, words.type_choice(each)) for each in types],
    }


def _lines(imports: Iterable[Import]) -> list[Line]:
    rows = list(imports)
    until = _restorable([each.pk for each in rows if each.state == State.REVERTED])
    return [
        Line(
            each,
            words.game_title(each.game),
            words.type_title(each.import_type),
            words.brief(each.counts),
            words.client(each),
            first_line(each),
            until.get(each.pk),
        )
        for each in rows
    ]


def _restorable(pks: list[int]) -> dict[int, datetime | None]:
    """Until when reverted imports can come back, by primary key; those that cannot are
    left out.
    """
    if not pks:
        return {}
    kept = Revert.objects.filter(~Q(snapshot=None), of_import__in=pks, restored_at=None)
    kept = kept.select_related("batch").defer("snapshot", "batch__preview")
    return {each.of_import_id: restorable_until(each) for each in kept}


def _without_page(sent: QueryDict) -> str:
    """The query of another page of the same list."""
    kept = sent.copy()
    kept.pop("page", None)
    return kept.urlencode()
