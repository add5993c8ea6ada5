"""Create and update songs, charts and courses from the files of a directory."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from scores.locks import Busy
from scores.management.rerating import changed_text, left, rerate_here
from scores.models import PlayerToRerate
from scores.seeds.load import Counts, Loaded, SeedError, load


class Command(BaseCommand):
    help = (
        "Load songs-GAME.json, charts-GAME.json and bms-course-lookup.json; all of it,"
        " or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="where the files are")
        parser.add_argument(
            "--game",
            nargs="+",
            action="extend",
            metavar="GAME",
            dest="games",
            help="only these games",
        )
        parser.add_argument(
            "--no-wait",
            action="store_true",
            help="leave it to the workers to rate scores on changed charts again",
        )

    def handle(
        self,
        *,
        directory: Path,
        games: list[str] | None,
        no_wait: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        quiet = verbosity == 0 or not sys.stderr.isatty()
        loaded = load_with_progress(directory, games, quiet)
        if verbosity:
            for each in loaded:
                self.stdout.write(
                    f"{each.game}: songs {counted(each.songs)},"
                    f" charts {counted(each.charts)}"
                )
        if not PlayerToRerate.objects.exists():
            return
        if no_wait:
            text = left()
        else:
            text = f"Rated again: {changed_text(rerate_here(quiet=quiet))}."
        if verbosity:
            self.stdout.write(text)


def load_with_progress(
    directory: Path, games: list[str] | None, quiet: bool
) -> list[Loaded]:
    """Load the files under a progress bar. Raises CommandError."""
    with tqdm(disable=quiet, bar_format="{desc} {bar} {n}/{total}") as bar:

        def show(description: str, done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.set_description_str(f"{description:20}")

        try:
            return load(directory, games, show)
        except SeedError as error:
            raise CommandError(str(error)) from error
        except (Busy, DatabaseError) as error:
            raise CommandError(
                "The database is busy, or cannot be used. Is it migrated?"
            ) from error


def counted(counts: Counts) -> str:
    """As in "12 (1 created, 2 changed, 9 unchanged)"."""
    named = zip(counts._fields, counts, strict=True)
    return f"{sum(counts)} ({', '.join(f'{count} {name}' for name, count in named)})"
