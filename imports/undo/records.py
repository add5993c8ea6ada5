"""What is left of a revert or restore beside its rows: the log, and word to the player.

In the transaction that reverts or restores: both, or neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings

from imports.acts import act_on, log_acts
from imports.models import Import, RequestedBy, Revert
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


def record_restores(
    requested_by: RequestedBy,
    reverts: Sequence[Revert],
    taken_back: Sequence[Import] = (),
) -> None:
    """As `record_reverts`, of reverts of one batch that have been restored.

    What their imports were run again as, and is `taken_back`, is logged with them.
    """
    reruns = {rerun.rerun_of_id: rerun.import_id for rerun in taken_back}
    _record(requested_by, reverts, Verb.RESTORE, reruns)


def record_run_again(
    requested_by: RequestedBy, old: Import, new: Import, playtype: str | None
) -> None:
    """Log that an import was run again as another one, beside its revert.

    In the transaction that does; three statements at most.
    """
    reverts = Revert.objects.filter(of_import=old, restored_at=None)
    by = replace(requested_by, batch=reverts.select_related("batch").get().batch)
    act = act_on(old, Verb.RUN_AGAIN, runAgainAs=new.import_id, playtype=playtype)
    log_acts(by, [act])


def _record(
    requested_by: RequestedBy,
    reverts: Sequence[Revert],
    verb: Verb,
    reruns: Mapping[int | None, str] = MappingProxyType({}),
) -> None:
    if not reverts:
        return
    batch = reverts[0].batch  # also where a revert by itself made its own
    by = replace(requested_by, batch=batch)
    acts = [
        act_on(
            each.of_import,
            verb,
            scores=each.score_count,
            orphans=each.orphan_count,
            tookBack=reruns.get(each.of_import_id),
        )
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
