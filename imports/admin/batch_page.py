"""The page of a batch: how it stands, whom it is about, what can be done with it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from imports.admin import batch_verbs
from imports.admin.batch_tables import tables
from imports.admin.batch_verbs import CARE, MAY, VERBS, Confirmation, restore_url_of
from imports.admin.filters import as_parameters
from imports.batches import control
from imports.batches.affected import affected, players_of
from imports.batches.control import AT_WORK
from imports.batches.documents import BatchDocument, batch_document
from imports.batches.outcomes import outcomes_of
from imports.batches.possible import needs_administrator, possible
from imports.batches.verdicts import AN_OPERATOR, by_outcome, verdict
from imports.models import BatchImport, Origin, RevertBatch
from imports.rules.meaning import in_words
from imports.rules.sources import MOST_COUNTED, more_since, source_of
from tachi.accounts.authentication import user_of
from tachi.accounts.models import User
from tachi.admin.formatting import list_link
from tachi.admin.log import ReasonForm
from tachi.moderation.log import Subject
from tachi.moderation.models import Entry
from tachi.moderation.pages import log_link

OUTCOMES_ON_A_PAGE = 25
PLAYERS_ON_A_PAGE = 15
ACTS_SHOWN = 10
REFRESH_SECONDS = 5  # while something goes on, for who has no script
STAFF_NAMED = 10


def answer(
    model_admin: ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """The page, or what a button of it leads to."""
    batch = model_admin.get_object(request, unquote(object_id))
    if not model_admin.has_view_permission(request, batch):
        raise PermissionDenied
    if batch is None:
        return HttpResponseRedirect(reverse("admin:imports_revertbatch_changelist"))
    if request.method != "POST":
        return _page(model_admin, request, batch)
    return batch_verbs.act(
        model_admin,
        request,
        batch,
        lambda form: _page(model_admin, request, batch, form),
    )


def _page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    batch: RevertBatch,
    form: Confirmation | None = None,
) -> TemplateResponse:
    document = batch_document(batch)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": batch,
        "title": f"Batch {batch.batch_id[:12]}…",
        "batch": batch,
        "document": document,
        "verdict": verdict(batch, document),
        "preview": batch.preview,
        "tables": tables(batch),
        "overlapping": RevertBatch.objects.filter(batch_id__in=document["overlaps"]),
        "until": _moment(document["restorableUntil"]),
        "review": _review(batch, document),
        **_acts(request, batch, document, form),
        **_refresh(request, batch),
        **_people(batch),
        **_selection(batch),
        **_outcomes(request, batch, document),
        **_players(request, batch),
        **_source(request, batch),
        **_log(request, batch),
    }
    return TemplateResponse(request, "admin/imports/revertbatch/batch.html", context)


def _acts(
    request: HttpRequest,
    batch: RevertBatch,
    document: BatchDocument,
    form: Confirmation | None,
) -> dict[str, Any]:
    """What can be done with it by who looks: nothing is offered that is refused."""
    may_act = request.user.has_perm(MAY)
    verbs = possible(batch, document) if may_act else set()
    staff = needs_administrator(batch, user_of(request)) if verbs else []
    if staff:
        verbs -= CARE
    if batch.state == RevertBatch.State.DRAFT:
        verbs.discard("hold")  # there is nothing to keep
    if form is None or "confirm" not in verbs:
        form = Confirmation(initial={"reason": batch.reason, "note": batch.note})
    is_draft = batch.state == RevertBatch.State.DRAFT
    labels = {"cancel": "Discard this draft"} if is_draft else {}
    return {
        "may_act": may_act,
        "verbs": verbs,
        "form": form,
        "why": ReasonForm(auto_id="why_%s"),
        "buttons": [
            (name, labels.get(name, VERBS[name][0]))
            for name in VERBS
            if name in verbs and name not in {"confirm", "hold"}
        ],
        "restore_url": restore_url_of(batch) if "restore" in verbs else None,
        "is_large": control.is_large(batch) if "confirm" in verbs else False,
        "staff": staff[:STAFF_NAMED],
        "more_staff": len(staff[STAFF_NAMED:]),
    }


def _refresh(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    """How the page follows what a worker is at: by a script, which asks the API.

    Without one it looks again as a whole, unless it is told to hold still (`?still=1`).
    """
    is_live = batch.needs_preview or batch.state in AT_WORK
    holds_still = "still" in request.GET
    may_ask = request.user.has_perm(MAY)
    return {
        "poll": f"/api/v1/revert-batches/{batch.batch_id}" if may_ask else "",
        "is_live": is_live,
        "refresh": REFRESH_SECONDS if is_live and not holds_still else None,
        "holds_still": holds_still,
    }


def _people(batch: RevertBatch) -> dict[str, Any]:
    """Who confirmed it: it goes on in his name, also when he is banned."""
    by: User | None = batch.confirmed_by
    gone = AN_OPERATOR if batch.origin == Origin.COMMAND else "an account that is gone"
    banned = by is not None and by.is_banned
    is_unfinished = batch.state in (*AT_WORK, RevertBatch.State.PAUSED)
    return {
        "maker": batch.created_by_name or AN_OPERATOR,
        "confirmer": by.username if by else gone,
        "is_banned": banned,
        "goes_on": banned and is_unfinished,
    }


def _selection(batch: RevertBatch) -> dict[str, Any]:
    """What selected its imports, in words, and the list of what matches by now."""
    parameters = as_parameters(batch.filters)
    now = list_link("what matches now", "imports_import", **parameters)
    return {
        "filters": in_words(batch.filters),
        "matching": now if parameters else None,
    }


def _review(batch: RevertBatch, document: BatchDocument) -> str:
    """A link to the classes that wait to be reviewed; of one player, to his."""
    more = {}
    if document["players"] == 1:
        more = {"user": batch.players.values_list("name", flat=True).get()}
    return list_link("class review", "scores_classclaim", state="review", **more)


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _outcomes(
    request: HttpRequest, batch: RevertBatch, document: BatchDocument
) -> dict[str, Any]:
    state = request.GET.get("outcome", "")
    state = state if state in BatchImport.State.values else ""
    rows = outcomes_of(batch, state or None).order_by("position")
    player = _player(request, batch)
    if player is not None:
        rows = rows.filter(player=player[0])
    csv = f"/api/v1/revert-batches/{batch.batch_id}/outcomes.csv"
    counts = by_outcome(document)
    page = _paged(request, "page", rows, OUTCOMES_ON_A_PAGE)
    return {
        "outcomes": page,
        "outcome_pages": _links(request, "page", page),
        "outcome": state,
        "outcome_states": [
            (value, label, counts[value])
            for value, label in BatchImport.State.choices
            if counts[value] or value == state
        ],
        "of_player": player and player[1],
        "csv": f"{csv}?{urlencode({'state': state})}" if state else csv,
    }


def _player(request: HttpRequest, batch: RevertBatch) -> tuple[int, str] | None:
    """The player whose imports are asked for, by the number of his place."""
    asked = request.GET.get("player", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return None
    players = batch.players.filter(position=int(asked))
    return players.values_list("pk", "name").first()


def _players(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    page = _paged(request, "players", players_of(batch), PLAYERS_ON_A_PAGE)
    return {
        "players": page,
        "player_pages": _links(request, "players", page),
        "affected": affected(list(page.object_list)),
    }


def _paged(request: HttpRequest, name: str, rows: Any, at_once: int) -> Page:
    return Paginator(rows, at_once).get_page(request.GET.get(name))


def _links(request: HttpRequest, name: str, page: Page) -> dict[str, str]:
    """The addresses of the pages before and after; what else is asked stays."""
    found = {}
    if page.has_previous():
        found["before"] = page.previous_page_number()
    if page.has_next():
        found["after"] = page.next_page_number()
    return {
        which: querystring(request, **{name: str(number)})
        for which, number in found.items()
    }


def querystring(request: HttpRequest, **changes: str) -> str:
    """What is asked of the page, with changes."""
    asked = request.GET.copy()
    for name, value in changes.items():
        asked[name] = value
    return asked.urlencode()


def _source(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    """The rules that stop where it came from, and the form of a new one."""
    more = more_since(batch)
    fields = {**source_of(batch.filters), "batch": batch.batch_id}
    form = f"{reverse('admin:imports_importrule_add')}?{urlencode(fields, doseq=True)}"
    may_stop = request.user.has_perm("imports.stop_source") and more is not None
    return {
        "rules": batch.rules.order_by("-pk"),
        "more": more,
        "is_more": more == MOST_COUNTED,
        "stop_url": form if may_stop else None,
    }


def _log(request: HttpRequest, batch: RevertBatch) -> dict[str, Any]:
    """What was done to the batch itself, and where the reverts of it are logged."""
    if not request.user.has_perm("moderation.view_entry"):
        return {"acts": (), "log": None}
    on_it = Q(subject_kind=Subject.BATCH, subject_id=batch.batch_id)
    return {
        "acts": Entry.objects.filter(on_it).order_by("-at", "-pk")[:ACTS_SHOWN],
        "log": log_link(Q(batch_id=batch.batch_id), batch=batch.batch_id),
    }
