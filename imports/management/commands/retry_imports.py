"""Run failed imports again whose input is kept, each under its id."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports.management.selection import Words, add_selection, selected
from imports.management.terminal import apply_with_progress, write_outcome
from imports.models import Import, RequestedBy, Revert
from imports.retry import NotRetried, retriable, retry_import


class Command(BaseCommand):
    help = (
        "Queue every failed import again that matches all filters and ids that are "
        "given, unless what was sent is not kept. Without any, nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_selection(parser)

    def handle(self, *, verbosity: int, **options: Any) -> None:
        # Who names one by its id is told why it cannot be.
        named = options["import_ids"]
        failed = (Import.objects.failed() if named else retriable()).order_by("pk")
        words = Words("failed", "Retry", "retried")
        imports = selected(failed, options, words, self.stdout)
        if not imports:
            return
        requested_by = RequestedBy(None, Revert.Origin.COMMAND)
        outcome = apply_with_progress(
            imports, lambda each: retry(each, requested_by), (NotRetried,), verbosity
        )
        write_outcome(outcome, "Retried", self.stdout, with_scores=False)


def retry(import_: Import, requested_by: RequestedBy) -> int:
    retry_import(import_, requested_by, past_rules=True)
    return 1
