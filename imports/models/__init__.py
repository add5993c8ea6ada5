"""Rows of imports: the import itself, its input, its orphans, its reverts; hooks."""

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

__all__ = [
    "UNFINISHED",
    "DailyIntake",
    "Hook",
    "HookSettings",
    "Import",
    "ImportInput",
    "ImportQuerySet",
    "Orphan",
    "OrphanDiscard",
    "RequestedBy",
    "Revert",
    "State",
    "new_import_id",
]
