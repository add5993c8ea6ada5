"""Changing many imports from the command line, each in a transaction of its own.

Safe to interrupt and to run again: what is done stays so, and is not done again.
"""

import logging
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from django.core.management.base import CommandError, OutputWrapper
from tqdm import tqdm

from imports.models import Import
from imports.undo.restore import NotRestorable
from scores.locks import Busy

logger = logging.getLogger(__name__)

Change = Callable[[Import], int | None]


@dataclass
class Tally:
    """What became of imports: how many changed, with how many scores; who did not."""

    begun: int = 0
    changed: int = 0
    scores: int = 0
    refused: list[str] = field(default_factory=list)

    def count(self, import_: Import, change: Change) -> None:
        """Change one; whatever goes wrong with it, the next has its turn."""
        self.begun += 1
        try:
            scores = change(import_)
        except (Busy, NotRestorable) as error:
            self.refused.append(f"{import_}: {error}")
        except Exception:
            logger.exception("Import %s could not be changed.", import_)
            self.refused.append(f"{import_}: An internal error; the log has it.")
        else:
            self.changed += scores is not None
            self.scores += scores or 0


def change_each(
    imports: Sequence[Import],
    change: Change,
    done: str,
    stdout: OutputWrapper,
    verbosity: int,
) -> None:
    """Change one import after the other, and say what was `done` ("Reverted").

    `change` returns how many scores moved, None where there was nothing to do any more.
    Raises CommandError with a list when some failed, and when interrupted.
    """
    tally = Tally()
    silent = verbosity == 0 or not sys.stderr.isatty()
    problems = []
    try:
        for import_ in tqdm(imports, unit="import", disable=silent):
            tally.count(import_, change)
    except KeyboardInterrupt:
        left = len(imports) - tally.begun + 1
        problems.append(f"Interrupted with {left} to go: run it again for the rest.")
    stdout.write(f"{done} {tally.changed} imports with {tally.scores} scores.")
    if tally.refused:
        problems.append(f"{len(tally.refused)} were not {done.lower()}:")
    if problems:
        raise CommandError("\n".join([*problems, *tally.refused]))


def refuse_unknown(import_ids: Collection[str]) -> None:
    """Raise CommandError, before anything is changed, for ids that no import has."""
    known = Import.objects.filter(import_id__in=import_ids)
    unknown = set(import_ids) - set(known.values_list("import_id", flat=True))
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise CommandError(f"There is no import {listed}. Nothing was changed.")
