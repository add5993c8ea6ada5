"""Imports, their orphans and their reverts, rules that stop their sources, and long
work, for moderators.
"""

from imports.admin import imports, jobs, kept, orphans, queue, reverts, rules

__all__ = ["imports", "jobs", "kept", "orphans", "queue", "reverts", "rules"]
