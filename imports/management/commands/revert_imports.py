"""Revert imports by the thousand: newest first, each in a transaction of its own."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.filters import BadFilter, ImportFilterSet, option
from imports.management.terminal import (
    add_filters,
    apply_with_progress,
    refuse_unknown,
    write_outcome,
)
from imports.models import Import, RequestedBy, Revert
from imports.undo.revert import revert_import

LISTED = 20


class Command(BaseCommand):
    help = (
        "Revert every completed import that matches all filters and ids that are "
        "given. Without any nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("import_ids", nargs="*", metavar="IMPORT_ID")
        add_filters(parser)
        add("--dry-run", action="store_true", help="list them and change nothing")
        add("--no-input", action="store_false", dest="ask", help="do not ask first")
        add("--reason", default="", help="kept on record with every revert")

    def handle(
        self, *, dry_run: bool, ask: bool, reason: str, verbosity: int, **options: Any
    ) -> None:
        imports = matching(options)
        if not imports:
            self.stdout.write("No completed import matches.")
            return
        self.describe(imports if dry_run else imports[:LISTED], len(imports))
        if dry_run:
            self.stdout.write(f"{len(imports)} imports would be reverted.")
            return
        if ask and not confirmed(len(imports)):
            raise CommandError("Nothing was reverted.")
        requested_by = RequestedBy(None, Revert.Origin.COMMAND, reason)
        outcome = apply_with_progress(
            imports,
            lambda import_: revert_import(import_, requested_by),
            (),
            verbosity,
        )
        write_outcome(outcome, "Reverted", self.stdout)

    def describe(self, shown: Sequence[Import], total: int) -> None:
        for import_ in shown:
            self.stdout.write(
                f"{import_}  {import_.finished_at:%Y-%m-%d %H:%M}  {import_.user}"
                f"  {import_.import_type}  {import_.game}"
                f"  {import_.counts.get('imported', 0)} scores"
            )
        if total > len(shown):
            self.stdout.write(f"… and {total - len(shown)} more.")


def matching(options: dict[str, Any]) -> list[Import]:
    """The completed imports that filters and ids select, newest first.

    Raises CommandError for neither, which would select all, and for bad ones.
    """
    given = {
        name: options[name]
        for name in ImportFilterSet.base_filters
        if options[name] is not None
    }
    if not (options["import_ids"] or given):
        raise CommandError("Say which imports: give ids, or filters (see --help).")
    try:
        imports = ImportFilterSet(given, Import.objects.completed()).qs
    except BadFilter as error:
        raise CommandError(error.worded(option(error.name))) from error
    if options["import_ids"]:
        refuse_unknown(options["import_ids"])
        imports = imports.filter(import_id__in=options["import_ids"])
    return list(
        imports.select_related("user")
        .defer("errors", "later_claims", "class_deltas")
        .order_by("-finished_at", "-pk")
    )


def confirmed(count: int) -> bool:
    """Ask for a confirmation; False as well where there is nobody to ask."""
    try:
        return input(f"Revert {count} imports? [yes/no] ") == "yes"
    except (EOFError, KeyboardInterrupt):
        return False
