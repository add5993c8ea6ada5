"""What the commands that change many imports share: progress, and how they end."""

import sys
from collections.abc import Callable, Sequence

from django.core.management.base import CommandError, OutputWrapper
from tqdm import tqdm

from imports.models import Import
from scores.apply_each import Outcome, apply_each
from tachi.admin.formatting import count_of, in_one_line
from tachi.commands import INTERRUPTED, SOME_FAILED

Change = Callable[[Import], int | None]


def apply_with_progress(
    imports: Sequence[Import],
    change: Change,
    refusals: tuple[type[Exception], ...],
    verbosity: int,
) -> Outcome[Import, int | None]:
    """Change the imports one by one, under a progress bar.

    `change` returns how many scores moved, None where there was nothing to do any more.
    """
    silent = verbosity == 0 or not sys.stderr.isatty()
    with tqdm(total=len(imports), unit="import", disable=silent) as bar:
        return apply_each(imports, change, refusals=refusals, advance=bar.update)


def write_outcome(
    outcome: Outcome[Import, int | None],
    done: str,
    stdout: OutputWrapper | None,
    *,
    with_scores: bool = True,
) -> None:
    """Print how many imports were `done` ("Restored"), and with how many scores.

    Without `stdout` that is told already.
    Raises CommandError with a list when some were refused, or when interrupted.
    """
    scores = sum(moved or 0 for _, moved in outcome.changed)
    what = f" with {count_of(scores, 'score')}" if with_scores else ""
    if stdout is not None:
        stdout.write(f"{done} {count_of(len(outcome.changed), 'import')}{what}.")
    problems = []
    if outcome.left:
        left = len(outcome.left)
        problems.append(f"Interrupted with {left} to go: run it again for the rest.")
    if outcome.refused:
        problems.append(f"{len(outcome.refused)} were not {done.lower()}:")
        problems += [
            f"{import_}: {in_one_line(why)}" for import_, why in outcome.refused
        ]
    if problems:
        code = INTERRUPTED if outcome.left else SOME_FAILED
        raise CommandError("\n".join(problems), returncode=code)
