"""Bring reverted imports back: a batch as a whole, or one by one, the oldest first."""

import logging
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, QuerySet, Sum

from imports.management import reverts, running
from imports.management.batches import named_batch
from imports.management.preview_lines import lines, without_lists
from imports.management.selection import LARGE, LISTED, Words, asks, describe
from imports.management.selection import is_confirmed as confirmed
from imports.management.terminal import apply_with_progress, write_outcome
from imports.models import (
    BatchImport,
    Import,
    ImportQuerySet,
    Origin,
    RequestedBy,
    Revert,
)
from imports.undo.documents import Preview, together
from imports.undo.preview import preview_restores
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable
from scores.apply_each import Outcome
from scores.locks import Busy
from tachi.admin.formatting import count_of
from tachi.commands import SOME_FAILED
from tachi.database import described

logger = logging.getLogger(__name__)

WORDS = Words("reverted", "Restore", "restored")
NOTHING_LEFT = "None of these imports is reverted."
BY_COMMAND = RequestedBy(None, Origin.COMMAND)


class Command(BaseCommand):
    help = (
        "Restore reverted imports, exactly as they were: those that ids and all "
        "filters select. TIME is a date (its first moment) or a time, in UTC unless it "
        "has an offset, or now, today, yesterday, 2 hours ago."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        reverts.add_reverts(parser)
        add = parser.add_argument
        add("--dry-run", action="store_true", help="tell what would be restored")
        add("--no-input", action="store_false", dest="ask", help="do not ask first")
        add("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        found = reverts.selected(options)
        if options["dry_run"]:
            self.show(found, options)
        elif names_a_batch_alone(options):
            batch = named_batch(options["batch"])
            running.restore(batch, BY_COMMAND, options, self.stdout)
        else:
            self.restore(found, options)

    def show(self, found: QuerySet[Revert], options: dict[str, Any]) -> None:
        """What would come back; nothing is changed."""
        try:
            preview = together(previews(found))
        except Busy as error:
            raise CommandError(str(error), returncode=SOME_FAILED) from error
        if options["as_json"]:
            self.stdout.write(orjson.dumps(without_lists(preview)).decode())
            return
        describe(imports_of(found), found.count(), None, self.stdout)
        for line in lines(preview, restores=True):
            self.stdout.write(line)
        self.stdout.write(
            f"{count_of(preview['imports'], 'import')} would be restored."
        )

    def restore(self, found: QuerySet[Revert], options: dict[str, Any]) -> None:
        """Restore imports one by one. Raises CommandError as `write_outcome` does."""
        as_json = options["as_json"]
        total = found.count()
        if not total and not as_json:
            self.stdout.write(NOTHING_LEFT)
            return
        if total and asks(options):
            self.describe(found, total, options)
            if not confirmed(total, WORDS, on_stderr=as_json):
                raise CommandError("Nothing was restored.")
        pks = list(found.values_list("pk", flat=True))
        outcome = apply_with_progress(
            list(imports_of(found)), restore, (NotRestorable,), options["verbosity"]
        )
        if as_json:
            self.stdout.write(orjson.dumps(as_object(total, outcome, pks)).decode())
        write_outcome(outcome, "Restored", None if as_json else self.stdout)

    def describe(
        self, found: QuerySet[Revert], total: int, options: dict[str, Any]
    ) -> None:
        """List what is to come back, with the database and how many it concerns."""
        told = self.stderr if options["as_json"] else self.stdout
        describe(imports_of(found), total, LISTED, told)
        scores = found.aggregate(sum=Sum("score_count", default=0))["sum"]
        players = found.values("of_import__user").order_by().distinct().count()
        told.write(
            f"{count_of(total, 'import')} with {count_of(scores, 'score')} of "
            f"{count_of(players, 'player')}, in the database {described()}."
        )


def names_a_batch_alone(options: dict[str, Any]) -> bool:
    """Whether it is a whole batch that is meant."""
    others = [name for name in reverts.FILTERS if name != "batch"]
    named = options["import_ids"] or any(options[name] is not None for name in others)
    return options["batch"] is not None and not named


def imports_of(found: QuerySet[Revert]) -> ImportQuerySet:
    """The imports that were reverted, the oldest first."""
    imports = Import.objects.filter(pk__in=found.order_by().values("of_import"))
    ordered = imports.order_by("finished_at", "pk")
    return ordered.select_related("user").defer(*LARGE)


def previews(found: QuerySet[Revert]) -> Iterator[Preview]:
    """What the restores would change, player by player. Raises Busy."""
    by_player = imports_of(found).order_by("user", "sequence")
    for user_id, imports in groupby(
        by_player.iterator(), key=lambda each: each.user_id
    ):
        yield preview_restores(user_id, list(imports))


def restore(import_: Import) -> int | None:
    scores = restore_import(import_, BY_COMMAND)
    if scores is not None:
        told = f"restored, {count_of(scores, 'score')}"
        logger.info("Import %s of %s: %s", import_, import_.user, told)
    return scores


def as_object(
    total: int, outcome: Outcome[Import, int | None], reverts: list[int]
) -> dict[str, Any]:
    """What came of it, for a script; `reverts` are their primary keys."""
    changed = [import_.pk for import_, _ in outcome.changed]
    # Of their scores, those that had stayed with other imports.
    kept = BatchImport.objects.filter(
        of_import__in=changed,
        batch__reverts__in=reverts,
        batch__reverts__of_import=F("of_import"),
    ).aggregate(sum=Sum("kept", default=0))["sum"]
    return {
        "batch": None,
        "state": "running" if outcome.left else "restored",
        "imports": total,
        "restored": len(changed),
        "scores": sum(moved or 0 for _, moved in outcome.changed),
        "kept": kept,
        "refused": [
            {"importID": import_.import_id, "why": why}
            for import_, why in outcome.refused
        ],
    }
