"""Bring reverted imports back, oldest first, each in a transaction of its own."""

from django.core.management.base import BaseCommand

from imports.management.each_import import change_each, refuse_unknown
from imports.models import Import, RequestedBy, Revert, State
from imports.undo.restore import restore_import


class Command(BaseCommand):
    help = "Restore reverted imports, exactly as they were."

    def add_arguments(self, parser):
        parser.add_argument("import_ids", nargs="+", metavar="IMPORT_ID")

    def handle(self, *, import_ids, verbosity, **options):
        refuse_unknown(import_ids)
        named = Import.objects.filter(import_id__in=import_ids)
        reverted = named.filter(state=State.REVERTED).order_by("finished_at", "pk")
        if not reverted:
            self.stdout.write("None of these imports is reverted.")
            return
        requested_by = RequestedBy(None, Revert.Origin.COMMAND)
        change_each(
            list(reverted),
            lambda import_: restore_import(import_, requested_by),
            "Restored",
            self.stdout,
            verbosity,
        )
