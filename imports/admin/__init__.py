"""Imports, their orphans, reverts and classes, and long work, for moderators."""

from imports.admin import class_review, imports, jobs, kept, orphans, queue, reverts

__all__ = ["class_review", "imports", "jobs", "kept", "orphans", "queue", "reverts"]
