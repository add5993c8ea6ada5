"""What is left of a revert or restore beside its rows: the log, and word to the player.

In the transaction that reverts or restores: both, or neither.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings

from imports.acts import act_on, log_acts
from imports.models import RequestedBy, Revert
from tachi.api.times import milliseconds
from tachi.moderation.log import Verb, is_own
from tachi.moderation.models import Notification
from tachi.moderation.notices import notify

KINDS = {
    Verb.REVERT: Notification.Kind.REVERTED,
    Verb.RESTORE: Notification.Kind.RESTORED,
}


def record_reverts(requested_by: RequestedBy, reverts: Sequence[Revert]) -> None:
    """Log reverts of one player's imports, of one batch, and tell the player.

    The player is told unless he reverted them himself. Two statements, if the reverts
    have their imports (with users) and batches loaded. In the transaction that reverts.
    """
    _record(requested_by, reverts, Verb.REVERT)


def record_restores(requested_by: RequestedBy, reverts: Sequence[Revert]) -> None:
    """As `record_reverts`, of reverts of one batch that have been restored."""
    _record(requested_by, reverts, Verb.RESTORE)


def _record(requested_by: RequestedBy, reverts: Sequence[Revert], verb: Verb) -> None:
    if not reverts:
        return
    batch = reverts[0].batch  # also where a revert by itself made its own
    by = replace(requested_by, batch=batch)
    acts = [
        act_on(each.of_import, verb, scores=each.score_count, orphans=each.orphan_count)
        for each in reverts
    ]
    log_acts(by, acts)
    import_ = reverts[0].of_import
    if is_own(by.acting, import_.user_id):
        return
    notify(
        import_.user_id,
        KINDS[verb],
        batch.batch_id if batch else import_.import_id,
        _content(by, reverts, verb),
        imports=len(reverts),
        scores=sum(each.score_count for each in reverts),
    )


def _content(by: RequestedBy, reverts: Sequence[Revert], verb: Verb) -> dict[str, Any]:
    """What stays as it is while the batch goes on.

    Of its imports the first is the first that cannot be restored any more.
    """
    content: dict[str, Any] = {
        "batchID": by.batch.batch_id if by.batch else None,
        "reason": by.reason,
    }
    if verb == Verb.REVERT:
        first = min(each.reverted_at for each in reverts)
        until = first + timedelta(days=settings.RESTORE_DAYS)
        content["restorableUntil"] = milliseconds(until)
    return content
