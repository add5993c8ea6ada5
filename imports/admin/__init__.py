"""Imports, their orphans and their reverts, and long work, for moderators."""

from imports.admin import imports, jobs, kept, orphans, queue, reverts

__all__ = ["imports", "jobs", "kept", "orphans", "queue", "reverts"]
