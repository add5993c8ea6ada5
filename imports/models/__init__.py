"""Rows of imports: the import itself, its input, its orphans, its reverts; hooks."""

from imports.models.hooks import Hook, HookSettings
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
    "Hook",
    "HookSettings",
    "Import",
    "ImportInput",
    "ImportQuerySet",
    "Orphan",
    "RequestedBy",
    "Revert",
    "State",
    "new_import_id",
]
