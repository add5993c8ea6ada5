"""Bring reverted imports back, oldest first, each in a transaction of its own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports.management.selection import refuse_unknown
from imports.management.terminal import apply_with_progress, write_outcome
from imports.models import Import, RequestedBy, Revert, State
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable


class Command(BaseCommand):
    help = "Restore reverted imports, exactly as they were."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("import_ids", nargs="+", metavar="IMPORT_ID")

    def handle(self, *, import_ids: list[str], verbosity: int, **options: Any) -> None:
        refuse_unknown(import_ids)
        named = Import.objects.filter(import_id__in=import_ids)
        reverted = named.filter(state=State.REVERTED).order_by("finished_at", "pk")
        if not reverted:
            self.stdout.write("None of these imports is reverted.")
            return
        requested_by = RequestedBy(None, Revert.Origin.COMMAND)
        outcome = apply_with_progress(
            list(reverted),
            lambda import_: restore_import(import_, requested_by),
            (NotRestorable,),
            verbosity,
        )
        write_outcome(outcome, "Restored", self.stdout)
