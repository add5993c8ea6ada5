"""The source of a batch: what else came from it, and the filters that stop it."""

from collections.abc import Mapping
from typing import Any

from imports.filters import BadFilter, ImportFilterSet
from imports.models import UNFINISHED, Import, RevertBatch, State
from imports.rules.meaning import FILTERS

MOST_COUNTED = 1000


def source_of(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a batch's filters that a rule may have; empty where none says whence."""
    return {name: value for name, value in filters.items() if name in FILTERS}


def more_since(batch: RevertBatch) -> int | None:
    """How many imports of a batch's source came since its selection was frozen.

    Those that are completed, or not finished yet; up to MOST_COUNTED. None where its
    filters name no source, or not any more.
    """
    source = source_of(batch.filters)
    if not source:
        return None
    since = Import.objects.filter(
        state__in=(State.COMPLETED, *UNFINISHED),
        received_at__gt=batch.created_at,
    )
    try:
        found = ImportFilterSet(source, since).qs
    except BadFilter:
        return None
    return found.order_by().values("pk")[:MOST_COUNTED].count()
