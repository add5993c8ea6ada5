"""What the commands that change many imports share: options, progress and wording."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from tqdm import tqdm

from imports.filters import ImportFilterSet, TextFilter, TimeFilter, option
from imports.models import Import
from scores.apply_each import Outcome, apply_each
from tachi.api.times import parse_time

Change = Callable[[Import], int | None]


def add_filters(parser: ArgumentParser) -> None:
    """Add an option for each filter of imports; one that is not given is None."""
    group = parser.add_argument_group("filters", "which narrow each other down")
    for name, declared in ImportFilterSet.base_filters.items():
        how = declared.extra.get("help_text")
        keywords: dict[str, Any] = {
            "dest": name,
            "help": f"{declared.label}: {how}" if how else declared.label,
        }
        if isinstance(declared, TextFilter):
            keywords["metavar"] = declared.metavar
        elif ImportFilterSet.is_flag(name):
            keywords |= {"action": "store_const", "const": "yes"}
        else:
            keywords["choices"] = ImportFilterSet.values(name)
        if isinstance(declared, TimeFilter):
            keywords["type"] = time_text
        group.add_argument(option(name), **keywords)


def time_text(text: str) -> str:
    """The text of a time, unless it is none: then argparse says which option it was."""
    try:
        parse_time(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


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
