"""Rows of imports: the import itself, its input, its orphans, its reverts; workers."""

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
from imports.models.workers import Worker

__all__ = [
    "UNFINISHED",
    "DailyIntake",
    "Import",
    "ImportInput",
    "ImportQuerySet",
    "Orphan",
    "OrphanDiscard",
    "RequestedBy",
    "Revert",
    "State",
    "Worker",
    "new_import_id",
]
