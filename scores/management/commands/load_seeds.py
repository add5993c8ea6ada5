"""Create and update songs, charts and courses from the files of a directory."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from scores.locks import Busy
from scores.management.rerating import changed_text, left, rerate_here
from scores.models import PlayerToRerate
from scores.seeds.load import Counts, Loaded, SeedError, load
from tachi.admin.formatting import in_one_line
from tachi.commands import WRONG_USE
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end


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
        if settings.IMPORT_INLINE and not no_wait:
            do_what_follows()
        if not PlayerToRerate.objects.exists():
            return
        if no_wait:
            text = left()
        else:
            text = f"Rated again: {changed_text(rerate_here(quiet=quiet))}."
        if verbosity:
            self.stdout.write(text)


def do_what_follows() -> None:
    """Do here what a change of charts asks for: there may be no worker that would."""
    asked_for = Job.objects.unfinished().filter(kind__in=settings.JOBS_AFTER_CHARTS)
    for job in asked_for.filter(user=None):
        run_to_end(job)


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
            raise CommandError(in_one_line(error), returncode=WRONG_USE) from error
        except Busy as error:
            raise CommandError(f"{error} Nothing was loaded: run it again.") from error


def counted(counts: Counts) -> str:
    """As in "12 (1 created, 2 changed, 9 unchanged)"."""
    named = zip(counts._fields, counts, strict=True)
    return f"{sum(counts)} ({', '.join(f'{count} {name}' for name, count in named)})"
