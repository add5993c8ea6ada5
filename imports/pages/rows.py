"""/imports/<id>/rows/: what became of each row, in pages."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from imports.models import State
from imports.models.imports import WAYS
from imports.pages.asking import owns, shown_import
from imports.pages.frame import page
from imports.pages.one import facts
from imports.pages.refused import in_the_frame
from imports.pages.words import BRIEFLY
from imports.rows.listing import RowDocument, page_documents
from imports.rows.listing import page as page_of_rows
from scores.json_columns import dump_json
from tachi.api.one_moment import one_snapshot
from tachi.pages.looks import badge, kind_of

ON_A_PAGE = 50
LONGEST_INPUT = 300  # characters of what was sent that are shown


@require_safe
@in_the_frame
@one_snapshot()
def rows(request: HttpRequest, import_id: str) -> HttpResponse:
    """Rows of a completed import, all or those of one outcome."""
    import_ = shown_import(request, import_id)
    if import_.state != State.COMPLETED:
        raise Http404
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in WAYS else ""
    after = _whole(request.GET.get("after", ""))
    found = page_of_rows(import_, outcome or None, after, ON_A_PAGE)
    is_own = owns(request, import_)
    documents = page_documents(import_, found.rows, with_input=is_own)
    context = {
        **facts(import_),
        "is_own": is_own,
        "rows": [_in_words(each) for each in documents],
        "outcome": outcome,
        "outcomes": [
            (way, BRIEFLY[way], import_.counts.get(way, 0))
            for way in WAYS
            if import_.counts.get(way)
        ],
        "after": after,
        "next": found.rows[-1].position if found.more else None,
    }
    return page(request, "rows.html", context, here="imports" if is_own else "")


def _whole(sent: str) -> int:
    """Behind which row the page begins; -1 for the first, and for what is no row."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1


def _in_words(row: RowDocument) -> dict[str, Any]:
    place, sent = row["line"], row["input"]
    text = "" if sent is None else dump_json(sent).decode()
    return {
        **row,
        "place": row["position"] + 1 if place is None else place,
        "in_lines": place is not None,
        "shown": badge(BRIEFLY[row["outcome"]], kind_of(row["outcome"])),
        "input": text[:LONGEST_INPUT] + "…" * (len(text) > LONGEST_INPUT),
    }
