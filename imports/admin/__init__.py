"""Imports, their orphans, reverts and batches of reverts; rules that stop a source; and
long work, for moderators.
"""

from imports.admin import batches, imports, jobs, kept, orphans, queue, reverts, rules

__all__ = ["batches", "imports", "jobs", "kept", "orphans", "queue", "reverts", "rules"]
