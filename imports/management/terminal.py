"""How commands that change many imports look on the terminal."""

import sys
from collections.abc import Callable, Collection, Sequence

from django.core.management.base import CommandError, OutputWrapper
from tqdm import tqdm

from imports.models import Import
from scores.apply_each import Outcome, apply_each

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
    outcome: Outcome[Import, int | None], done: str, stdout: OutputWrapper
) -> None:
    """Print how many imports were `done` ("Reverted"), with how many scores.

    Raises CommandError with a list when some were refused, or when interrupted.
    """
    scores = sum(moved or 0 for _, moved in outcome.changed)
    stdout.write(f"{done} {len(outcome.changed)} imports with {scores} scores.")
    problems = []
    if outcome.left:
        left = len(outcome.left)
        problems.append(f"Interrupted with {left} to go: run it again for the rest.")
    if outcome.refused:
        problems.append(f"{len(outcome.refused)} were not {done.lower()}:")
        problems += [f"{import_}: {why}" for import_, why in outcome.refused]
    if problems:
        raise CommandError("\n".join(problems))


def refuse_unknown(import_ids: Collection[str]) -> None:
    """Raise CommandError, before anything is changed, for ids that no import has."""
    known = Import.objects.filter(import_id__in=import_ids)
    unknown = set(import_ids) - set(known.values_list("import_id", flat=True))
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise CommandError(f"There is no import {listed}. Nothing was changed.")
