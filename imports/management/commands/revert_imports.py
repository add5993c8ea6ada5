"""Revert imports by the thousand: newest first, each in a transaction of its own.

Safe to interrupt and to run again: what is reverted stays so, and is not found again.
"""

import sys
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tqdm import tqdm

from imports.formats import FORMATS
from imports.models import Import, Revert
from imports.revert import Order, revert_import
from scores.games import PLAYTYPES
from scores.locks import Busy

LISTED = 20


def moment(text: str) -> datetime:
    """A date or a time; without an offset, UTC."""
    parsed = parse_datetime(text if len(text) > 10 else f"{text}T00:00:00")
    if parsed is None:
        raise ValueError(text)
    return parsed if timezone.is_aware(parsed) else timezone.make_aware(parsed)


class Command(BaseCommand):
    help = (
        "Revert every completed import that matches all that is said. "
        "Filters and ids narrow each other; without any nothing is done."
    )

    def add_arguments(self, parser):
        add = parser.add_argument
        add("import_ids", nargs="*", metavar="IMPORT_ID")
        add("--user", metavar="NAME", help="only this user's")
        add("--import-type", choices=sorted(FORMATS))
        add("--game", choices=sorted(PLAYTYPES))
        add("--service", help="only those whose service is exactly this")
        add("--token", metavar="PREFIX", help="only those sent with this API token")
        add("--user-agent", metavar="TEXT", help="only those whose client names this")
        add("--since", type=moment, metavar="TIME", help="only those received since")
        add("--until", type=moment, metavar="TIME", help="only those received before")
        add("--dry-run", action="store_true", help="list them and change nothing")
        add("--no-input", action="store_false", dest="ask", help="do not ask first")
        add("--reason", default="", help="kept on record with every revert")

    def handle(self, *, dry_run, ask, reason, verbosity, **options):
        imports = self.matching(options)
        if not imports:
            self.stdout.write("No completed import matches.")
            return
        self.describe(imports, everything=dry_run)
        if dry_run:
            self.stdout.write(f"{len(imports)} imports would be reverted.")
            return
        if ask and input(f"Revert {len(imports)} imports? [yes/no] ") != "yes":
            raise CommandError("Nothing was reverted.")
        self.revert(imports, Order(None, Revert.Origin.COMMAND, reason), verbosity)

    def matching(self, options) -> list[Import]:
        """The imports that are meant, newest first. Refuses to mean all of them."""
        wanted = filters(options)
        if not (options["import_ids"] or wanted):
            raise CommandError("Say which imports: give ids, or filters (see --help).")
        imports = Import.objects.completed().filter(**wanted)
        if options["import_ids"]:
            self.refuse_unknown(options["import_ids"])
            imports = imports.filter(import_id__in=options["import_ids"])
        return list(
            imports.select_related("user")
            .defer("errors", "resent", "class_deltas")
            .order_by("-finished_at", "-pk")
        )

    def refuse_unknown(self, import_ids) -> None:
        known = Import.objects.filter(import_id__in=import_ids)
        unknown = set(import_ids) - set(known.values_list("import_id", flat=True))
        if unknown:
            listed = ", ".join(sorted(unknown))
            raise CommandError(f"There is no import {listed}. Nothing was reverted.")

    def describe(self, imports, *, everything) -> None:
        shown = imports if everything else imports[:LISTED]
        for import_ in shown:
            self.stdout.write(
                f"{import_}  {import_.finished_at:%Y-%m-%d %H:%M}  {import_.user}"
                f"  {import_.import_type}  {import_.game}"
                f"  {import_.counts.get('imported', 0)} scores"
            )
        if len(imports) > len(shown):
            self.stdout.write(f"… and {len(imports) - len(shown)} more.")

    def revert(self, imports, order, verbosity) -> None:
        refused, scores, reverted = [], 0, 0
        silent = verbosity == 0 or not sys.stderr.isatty()
        for import_ in tqdm(imports, unit="import", disable=silent):
            try:
                gone = revert_import(import_, order)
            except Busy as error:
                refused.append(f"{import_}: {error}")
            else:
                reverted += gone is not None
                scores += gone or 0
        self.stdout.write(f"Reverted {reverted} imports with {scores} scores.")
        if refused:
            listed = "\n".join(refused)
            raise CommandError(f"{len(refused)} were not reverted:\n{listed}")


def filters(options) -> dict:
    """What was said, as conditions on imports."""
    meant = {
        "user__username__iexact": options["user"],
        "import_type": options["import_type"],
        "game": options["game"],
        "service": options["service"],
        "token__prefix": options["token"] and options["token"][:8],
        "user_agent__icontains": options["user_agent"],
        "received_at__gte": options["since"],
        "received_at__lt": options["until"],
    }
    return {name: value for name, value in meant.items() if value}
