"""Bringing a reverted import back: the same claims, under its old sequence number."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from imports import claims
from imports.contents import Contents, orphans_of
from imports.models import Import, Orphan, Revert, State
from imports.revert import Order, wait_for_imports
from scores.bulk import chunks
from scores.derivation import derived
from scores.games import get_game
from scores.locks import only_change_of
from scores.models import Chart
from scores.recalculate import Touched, recalculate
from scores.rows import ScoreRow


class NotRestorable(Exception):
    """The import cannot come back; the text says why."""


def restore_import(import_: Import, order: Order) -> int | None:
    """Make a reverted import's claims again; returns how many scores it owns then.

    It takes back what it owned and stands beside whatever was imported since. None,
    and nothing changes, when it is not reverted (any more). Raises NotRestorable when
    its retention (RESTORE_DAYS) is over, and `scores.locks.Busy`.
    """
    patience = wait_for_imports(import_.user_id)
    with only_change_of(import_.user_id, patience):
        import_ = Import.objects.get(pk=import_.pk)
        if import_.state != State.REVERTED:
            return None
        revert = Revert.objects.get(of_import=import_, restored_at=None)
        held = _contents(revert)
        touched = Touched(import_.user_id)
        made = claims.make(import_, _rows(import_, held), touched)
        Orphan.objects.bulk_create(orphans_of(import_, held), batch_size=500)
        recalculate(touched, made.adding)
        import_.state = State.COMPLETED
        import_.save(update_fields=["state", "resent"])
        revert.contents = None
        revert.restored_at = timezone.now()
        revert.restored_by = order.by
        revert.save()
    return len(made.adding)


def restorable_since():
    """Imports reverted before this moment do not come back."""
    return timezone.now() - timedelta(days=settings.RESTORE_DAYS)


def _contents(revert: Revert) -> Contents:
    if revert.contents is None or revert.reverted_at < restorable_since():
        raise NotRestorable(
            f"It was reverted more than {settings.RESTORE_DAYS} days ago."
        )
    return Contents.unpacked(revert.contents)


def _rows(import_: Import, held: Contents) -> list[ScoreRow]:
    """The claims as scores, derived and rated by the charts as they are now."""
    charts: dict[int, Chart] = {}
    for pks in chunks({claim["chart"] for claim in held.claims}):
        charts.update(Chart.objects.in_bulk(pks))
    return [_row(import_, claim, charts[claim["chart"]]) for claim in held.claims]


def _row(import_: Import, claim: dict, chart: Chart) -> ScoreRow:
    score_data, ratings = derived(get_game(claim["gpt"]), claim["score_data"], chart)
    return ScoreRow(
        user_id=import_.user_id,
        source_import_id=import_.pk,
        sequence=import_.sequence,
        **{**claim, "chart": chart, "score_data": score_data, "ratings": ratings},
    )
