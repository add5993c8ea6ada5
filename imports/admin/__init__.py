"""Imports, their orphans and their reverts, for moderators."""

from imports.admin import imports, orphans, reverts

__all__ = ["imports", "orphans", "reverts"]
