"""Tables of imports: import, input, rows, orphans; reverts and their batches; rules
that stop a source; workers, hooks, charts.
"""

from imports.models.batches import BatchImport, BatchPlayer, Origin, RevertBatch
from imports.models.chart_queue import ChartQueuePlayer
from imports.models.hooks import Hook, HookSettings
from imports.models.imports import (
    UNFINISHED,
    Import,
    ImportInput,
    ImportQuerySet,
    State,
    new_import_id,
)
from imports.models.intake import DailyIntake
from imports.models.orphans import Orphan, OrphanDiscard
from imports.models.reverts import RequestedBy, Revert
from imports.models.rows import ImportRows
from imports.models.rules import ImportRule, ImportRuleQuerySet
from imports.models.workers import Worker

__all__ = [
    "UNFINISHED",
    "BatchImport",
    "BatchPlayer",
    "ChartQueuePlayer",
    "DailyIntake",
    "Hook",
    "HookSettings",
    "Import",
    "ImportInput",
    "ImportQuerySet",
    "ImportRows",
    "ImportRule",
    "ImportRuleQuerySet",
    "Origin",
    "Orphan",
    "OrphanDiscard",
    "RequestedBy",
    "Revert",
    "RevertBatch",
    "State",
    "Worker",
    "new_import_id",
]
