"""Create and update songs, charts and courses from the files of a directory."""

import json as json_module
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from scores.derived.rerate import Rerated
from scores.locks import Busy
from scores.management.rerating import changed_text, left, rerate_here
from scores.management.seeds_told import as_document, details, summary
from scores.models import PlayerToRerate
from scores.seeds.files import SeedError
from scores.seeds.listing import TooManyMissing
from scores.seeds.load import Loaded, load
from tachi.admin.formatting import in_one_line
from tachi.commands import SOME_FAILED, WRONG_USE
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end


class Command(BaseCommand):
    help = (
        "Load songs-GAME.json, charts-GAME.json and bms-course-lookup.json; all of it,"
        " or nothing. Charts that a file does not list any more are retired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("directory", type=Path, help="where the files are")
        add(
            "--game",
            nargs="+",
            action="extend",
            metavar="GAME",
            dest="games",
            help="only these games",
        )
        add(
            "--allow-missing",
            action="store_true",
            help="also where a file lacks many charts (SEEDS_MOST_MISSING)",
        )
        add(
            "--no-wait",
            action="store_true",
            help="leave it to the workers to rate scores on changed charts again",
        )
        add("--verbose", action="store_true", help="a line for each song and chart")
        add("--json", action="store_true", help="all that was done as one JSON object")

    def handle(
        self,
        *,
        directory: Path,
        games: list[str] | None,
        allow_missing: bool,
        no_wait: bool,
        verbosity: int,
        json: bool,
        **options: Any,
    ) -> None:
        quiet = verbosity == 0 or not sys.stderr.isatty()
        loaded = load_with_progress(directory, games, quiet, allow_missing)
        says = bool(verbosity) and not json
        for each in loaded if says else ():
            self.say(each, verbose=options["verbose"] or verbosity > 1)
        try:
            rerated = self.do_what_follows(no_wait, quiet, says)
        except CommandError:
            if json:  # what was loaded is loaded
                self.stdout.write(as_json(loaded, None))
            raise
        if json:
            self.stdout.write(as_json(loaded, rerated))

    def say(self, loaded: Loaded, *, verbose: bool) -> None:
        for line in summary(loaded):
            self.stdout.write(line)
        for line in details(loaded) if verbose else ():
            self.stdout.write(line)

    def do_what_follows(self, no_wait: bool, quiet: bool, says: bool) -> Rerated | None:
        """Do here what a change of charts asks for. None: nobody is rated again here.

        Raises CommandError when players are left.
        """
        if settings.IMPORT_INLINE and not no_wait:
            run_jobs()
        if not PlayerToRerate.objects.exists():
            return None
        rerated = None if no_wait else rerate_here(quiet=quiet)
        if says:
            text = f"Rated again: {changed_text(rerated)}." if rerated else left()
            self.stdout.write(text)
        return rerated


def run_jobs() -> None:
    """Do here what a change of charts asks for: there may be no worker that would."""
    asked_for = Job.objects.unfinished().filter(kind__in=settings.JOBS_AFTER_CHARTS)
    for job in asked_for.filter(user=None):
        run_to_end(job)


def load_with_progress(
    directory: Path, games: list[str] | None, quiet: bool, allow_missing: bool
) -> list[Loaded]:
    """Load the files under a progress bar. Raises CommandError."""
    with tqdm(disable=quiet, bar_format="{desc} {bar} {n}/{total}") as bar:

        def show(description: str, done: int, total: int) -> None:
            bar.total, bar.n = total, done
            bar.set_description_str(f"{description:20}")

        try:
            return load(directory, games, show, allow_missing=allow_missing)
        except SeedError as error:
            raise CommandError(in_one_line(error), returncode=WRONG_USE) from error
        except TooManyMissing as error:
            raise CommandError(str(error), returncode=SOME_FAILED) from error
        except Busy as error:
            raise CommandError(f"{error} Nothing was loaded: run it again.") from error


def as_json(loaded: list[Loaded], rerated: Rerated | None) -> str:
    """One object; `ratedAgain` is null where that was not done, or not to the end."""
    return json_module.dumps(
        {
            "games": list(map(as_document, loaded)),
            "ratedAgain": rerated
            and {"profiles": rerated.profiles, "scoresChanged": rerated.scores_changed},
            "playersWaiting": PlayerToRerate.objects.values("user").distinct().count(),
        },
        ensure_ascii=False,
    )
