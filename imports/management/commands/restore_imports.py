"""Bring reverted imports back, oldest first, each in a transaction of its own."""

from django.core.management.base import BaseCommand, CommandError

from imports.models import Import, Revert
from imports.restore import NotRestorable, restore_import
from imports.revert import Order
from scores.locks import Busy


class Command(BaseCommand):
    help = "Restore reverted imports, exactly as they were."

    def add_arguments(self, parser):
        parser.add_argument("import_ids", nargs="+", metavar="IMPORT_ID")

    def handle(self, *, import_ids, **options):
        found = Import.objects.filter(import_id__in=import_ids).order_by("finished_at")
        imports = {import_.import_id: import_ for import_ in found}
        refused = [
            f"{import_id}: There is no such import."
            for import_id in import_ids
            if import_id not in imports
        ]
        order = Order(None, Revert.Origin.COMMAND)
        for import_ in imports.values():
            try:
                scores = restore_import(import_, order)
            except (NotRestorable, Busy) as error:
                refused.append(f"{import_}: {error}")
                continue
            if scores is None:
                self.stdout.write(f"{import_} is not reverted.")
            else:
                self.stdout.write(f"Restored {import_} with {scores} scores.")
        if refused:
            listed = "\n".join(refused)
            raise CommandError(f"{len(refused)} were not restored:\n{listed}")
