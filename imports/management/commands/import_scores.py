"""Import a file of scores in the foreground, with a progress bar."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imports.formats import FORMATS
from imports.models import State
from imports.pipeline import Sent, accept, run_inline
from tachi.accounts.management.named import named_user
from tachi.admin.formatting import in_one_line
from tachi.commands import WRONG_USE


class Command(BaseCommand):
    help = "Import a file of scores for a user, in the foreground."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what to import")
        parser.add_argument("--user", required=True, help="whose scores they are")
        parser.add_argument(
            "--import-type",
            required=True,
            choices=sorted(FORMATS),
            help="in which format they are",
        )

    def handle(
        self, *, file: Path, user: str, import_type: str, verbosity: int, **options: Any
    ) -> None:
        player = named_user(user)
        try:
            payload = file.read_bytes()
        except OSError as error:
            text = f"{file}: {error.strerror}."
            raise CommandError(text, returncode=WRONG_USE) from error
        sent = Sent(player, import_type, payload, filename=file.name, user_intent=True)
        with tqdm(disable=verbosity == 0 or not sys.stderr.isatty()) as bar:

            def show(
                phase: str, description: str, done: int = 0, total: int | None = None
            ) -> None:
                bar.total, bar.n = total, done
                bar.set_description_str(description)

            import_ = run_inline(accept(sent, inline=True), show)
        if import_.state != State.COMPLETED:
            reason = import_.error_text or "another worker has it."
            told = in_one_line(reason)
            raise CommandError(f"Import {import_} {import_.state}: {told}")
        if verbosity:
            counts = import_.counts
            named = ", ".join(f"{counts[name]} {name}" for name in counts)
            self.stdout.write(f"Import {import_}: {named}.")
