"""Revert imports by the thousand: newest first, each in a transaction of its own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports.management.selection import Words, add_selection, selected
from imports.management.terminal import apply_with_progress, write_outcome
from imports.models import Import, RequestedBy, Revert
from imports.undo.revert import revert_import


class Command(BaseCommand):
    help = (
        "Revert every completed import that matches all filters and ids that are "
        "given. Without any, nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_selection(parser)
        parser.add_argument(
            "--reason", default="", help="kept on record with every revert"
        )

    def handle(self, *, reason: str, verbosity: int, **options: Any) -> None:
        completed = Import.objects.completed().order_by("-finished_at", "-pk")
        words = Words("completed", "Revert", "reverted")
        imports = selected(completed, options, words, self.stdout)
        if not imports:
            return
        requested_by = RequestedBy(None, Revert.Origin.COMMAND, reason)
        outcome = apply_with_progress(
            imports,
            lambda import_: revert(import_, requested_by),
            (),
            verbosity,
        )
        write_outcome(outcome, "Reverted", self.stdout)


def revert(import_: Import, requested_by: RequestedBy) -> int | None:
    """How many scores it owned; None where there was nothing to revert any more."""
    undone = revert_import(import_, requested_by)
    return None if undone is None else undone.scores
