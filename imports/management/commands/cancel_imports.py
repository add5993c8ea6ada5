"""Cancel imports that are not written yet, each in a transaction of its own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports.management.selection import Words, add_selection, selected
from imports.management.terminal import apply_with_progress, write_outcome
from imports.models import Import, RequestedBy, Revert
from imports.queue.stops import NotCancelled, cancel_import


class Command(BaseCommand):
    help = (
        "Cancel every import that matches all filters and ids that are given, and is "
        "queued or not written yet. Without any, nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_selection(parser)
        parser.add_argument(
            "--reason", default="", help="kept on record with every import"
        )

    def handle(self, *, reason: str, verbosity: int, **options: Any) -> None:
        # The newest first: so no worker is woken for one that is cancelled next.
        unfinished = Import.objects.unfinished().order_by("-pk")
        words = Words("unfinished", "Cancel", "cancelled")
        imports = selected(unfinished, options, words, self.stdout)
        if not imports:
            return
        requested_by = RequestedBy(None, Revert.Origin.COMMAND, reason)
        outcome = apply_with_progress(
            imports,
            lambda import_: cancel_import(import_, requested_by),
            (NotCancelled,),
            verbosity,
        )
        write_outcome(outcome, "Cancelled", self.stdout, with_scores=False)
