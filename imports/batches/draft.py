"""Drafting a batch: its selection is frozen, its preview made or left to a worker."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from imports.batches import previews, selection
from imports.batches.acts import log_act
from imports.batches.refusals import NotDraftable
from imports.batches.rights import require_right
from imports.batches.selection import Selected
from imports.filters import settled
from imports.models import Origin, RequestedBy, RevertBatch
from scores.locks import Busy
from tachi.jobs.enqueue import enqueue
from tachi.moderation.log import Verb

KIND = "revert-batches"


class Options(TypedDict, total=False):
    """What else a draft says. `note` is for moderators. `run_again` is {} or
    {"playtype": text}: each import is to run once more after its revert. What is
    `confirmed_at_once`, in the same transaction, is logged as confirmed, and no draft.
    """

    note: str
    client_key: str
    block: bool
    withdraw_classes: bool
    run_again: Mapping[str, Any] | None
    confirmed_at_once: bool


def draft(
    requested_by: RequestedBy,
    *,
    filters: Mapping[str, Any] | None = None,
    import_ids: Sequence[str] | None = None,
    preview: bool = True,
    **options: Unpack[Options],
) -> RevertBatch:
    """A plan to revert what filters select, or these imports: state `draft`.

    `filters` as of `imports.filters.ImportFilterSet`, by name. The reason that players
    read is that of `requested_by`. The same `client_key` of the same user is the same
    draft, whatever else is said.

    A small draft has its preview (unless `preview` is false: then none is ever made);
    of a large one a worker makes it, as `needs_preview` says, or `run.preview_to_end`.
    Raises NotDraftable where nothing is selected, `imports.filters.BadFilter`, and
    NotAllowed for imports of staff, unless an administrator asks.
    """
    client_key = options.get("client_key", "")
    if known := _known(requested_by, client_key):
        return _with_preview(known)
    if (filters is None) == (import_ids is None):
        raise NotDraftable("Name either imports or filters.")
    kept = settled(filters or {})  # what is kept selects, and not "now" once more
    selected = (
        selection.by_filters(kept)
        if filters is not None
        else selection.by_ids(import_ids or ())
    )
    require_right(requested_by, {each.user for each in selected})
    requested_by = replace(requested_by, note=options.get("note", ""))
    batch = _plan(requested_by, options)
    batch.filters, batch.imports = kept, len(selected)
    is_logged = not options.get("confirmed_at_once", False)
    if not _stored(batch, selected, requested_by, is_logged=is_logged):
        known = _known(requested_by, client_key)
        assert known, "Only a draft of this key can be in the way."
        return _with_preview(known)
    if preview:
        _preview(batch)
    return batch


def _known(requested_by: RequestedBy, client_key: str) -> RevertBatch | None:
    """The draft that this user has asked for by this key before."""
    if not client_key or requested_by.user is None:
        return None
    of_user = RevertBatch.objects.filter(created_by=requested_by.user)
    return of_user.filter(client_key=client_key).first()


def _with_preview(known: RevertBatch) -> RevertBatch:
    """The draft, with the preview that whoever drafted it died at, or is still at."""
    if known.state == RevertBatch.State.DRAFT and not (
        known.fingerprint or known.needs_preview
    ):
        _preview(known)
    return known


def _plan(requested_by: RequestedBy, options: Options) -> RevertBatch:
    """A draft that selects nothing yet."""
    by, again = requested_by.user, options.get("run_again")
    batch = RevertBatch(
        created_by=by,
        created_by_name=by.username if by else "",
        origin=requested_by.origin,
        reason=requested_by.reason,
        note=requested_by.note,
        client_key=options.get("client_key", ""),
        block=options.get("block", False),
        withdraw_classes=options.get("withdraw_classes", False),
    )
    if again is not None:
        batch.kind = RevertBatch.Kind.RERUN
        batch.run_again = {"playtype": again.get("playtype")}
    return batch


def _stored(
    batch: RevertBatch,
    selected: Sequence[Selected],
    requested_by: RequestedBy,
    *,
    is_logged: bool,
) -> bool:
    """Store a draft; False when another of its key came first.

    It is logged, but for that of a command, which shows it and throws it away, or has
    it confirmed, and that is logged.
    """
    try:
        with transaction.atomic():
            batch.save()
            selection.freeze(batch, selected)
            if is_logged and requested_by.origin != Origin.COMMAND:
                log_act(batch, Verb.DRAFT_BATCH, requested_by)
    except IntegrityError:
        of_user = RevertBatch.objects.filter(created_by=batch.created_by_id)
        if of_user.exclude(client_key="").filter(client_key=batch.client_key).exists():
            return False
        raise  # a player was deleted
    return True


def _preview(batch: RevertBatch) -> None:
    """Preview a small draft here; leave a large one, or one that waits, to a job."""
    try:
        if settings.IMPORT_INLINE or previews.is_small(batch):
            while player := previews.next_player(batch):
                previews.preview_player(player)
            previews.show(batch, "waiting")
            return
    except (Busy, OperationalError):
        pass  # an import of one of them runs, or is being written
    with transaction.atomic():
        batch.needs_preview = True
        batch.save(update_fields=["needs_preview"])
        enqueue(KIND)
