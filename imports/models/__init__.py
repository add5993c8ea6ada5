"""Rows of imports: the import, its input, orphans, reverts; who waits for charts."""

from imports.models.chart_queue import ChartQueuePlayer
from imports.models.imports import (
    Import,
    ImportInput,
    ImportQuerySet,
    State,
    new_import_id,
)
from imports.models.orphans import Orphan
from imports.models.reverts import RequestedBy, Revert

__all__ = [
    "ChartQueuePlayer",
    "Import",
    "ImportInput",
    "ImportQuerySet",
    "Orphan",
    "RequestedBy",
    "Revert",
    "State",
    "new_import_id",
]
