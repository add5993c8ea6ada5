"""Working through selected rows within a request, each in a transaction of its own."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from scores.locks import Busy

logger = logging.getLogger(__name__)

SECONDS = 15  # after which no other row is begun: web processes have a time limit


@dataclass
class Outcome:
    """What became of the rows: `done` with what the change returned, or refused why."""

    done: list[tuple[Any, Any]] = field(default_factory=list)
    refused: list[tuple[Any, str]] = field(default_factory=list)


def one_by_one(
    rows: Iterable[Any],
    change: Callable[[Any], Any],
    refusals: type[Exception] | tuple[type[Exception], ...] = (),
) -> Outcome:
    """Change the rows, which have a `user_id`; an exception of `refusals` refuses one.

    A player who is busy is waited for once, not once for each of their rows.
    """
    outcome = Outcome()
    busy: dict[int, str] = {}
    deadline = time.monotonic() + SECONDS
    for row in rows:
        why = busy.get(row.user_id)
        if why is None and time.monotonic() > deadline:
            why = "There was no time left: do it again."
        if why is None:
            try:
                outcome.done.append((row, change(row)))
                continue
            except Busy as error:
                why = busy[row.user_id] = str(error)
            except refusals as error:
                why = str(error)
            except Exception:
                logger.exception("%r could not be changed.", row)
                why = "An internal error; the log has it."
        outcome.refused.append((row, why))
    return outcome
