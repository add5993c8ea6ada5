"""Imports, their orphans and their reverts, for moderators."""

from imports.admin import imports, orphans, queue, reverts

__all__ = ["imports", "orphans", "queue", "reverts"]
