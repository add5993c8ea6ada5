"""Imports, their orphans, reverts, batches of reverts and classes; rules that stop a
source; and long work, for moderators.
"""

from imports.admin import (
    batches,
    class_review,
    imports,
    jobs,
    kept,
    orphans,
    queue,
    reverts,
    rules,
)

__all__ = [
    "batches",
    "class_review",
    "imports",
    "jobs",
    "kept",
    "orphans",
    "queue",
    "reverts",
    "rules",
]
