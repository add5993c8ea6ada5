"""Changing many rows, each in a transaction of its own."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from scores.locks import Busy

logger = logging.getLogger(__name__)


class PlayersRow(Protocol):
    """A row that belongs to a player, or to nobody."""

    @property
    def user_id(self) -> int | None: ...


Each = TypeVar("Each")  # without the bound, which mypy would ask of models too early
Row = TypeVar("Row", bound=PlayersRow)
Result = TypeVar("Result")


@dataclass
class Outcome(Generic[Each, Result]):
    """What became of the rows; each of them is in one of these lists.

    `done` with what the change returned, `refused` with the reason, and `left` those
    that an interrupt kept from being changed.
    """

    done: list[tuple[Each, Result]] = field(default_factory=list)
    refused: list[tuple[Each, str]] = field(default_factory=list)
    left: Sequence[Each] = ()

    @property
    def changed(self) -> list[tuple[Each, Result]]:
        """Those with a result: None means that there was nothing to do any more."""
        return [(row, result) for row, result in self.done if result is not None]


def apply_each(
    rows: Iterable[Row],
    change: Callable[[Row], Result],
    *,
    refusals: tuple[type[Exception], ...] = (),
    seconds: float | None = None,
    advance: Callable[[], object] = lambda: None,
) -> Outcome[Row, Result]:
    """Change one row after the other, whatever becomes of those before it.

    `change` runs in a transaction of its own. An exception of `refusals` refuses its
    row, with the exception's text as the reason; any other exception is a bug, which
    is logged, and refuses its row as an internal error. After `seconds` (None: no
    limit) no other row is begun. `advance` is called after every row.

    Ctrl-C (KeyboardInterrupt) ends it: the row at hand is rolled back, what is done
    stays done, and the outcome says what is `left`, so that it can be run again.
    """
    rows = list(rows)
    outcome: Outcome[Row, Result] = Outcome()
    busy: dict[int | None, str] = {}
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        for row in rows:
            # Each attempt waits for the player's lock: once is enough for all rows.
            why = busy.get(row.user_id)
            if why is None and deadline is not None and time.monotonic() > deadline:
                why = "There was no time left: do it again."
            if why is None:
                why = _apply(row, change, refusals, outcome, busy)
            if why is not None:
                outcome.refused.append((row, why))
            advance()
    except KeyboardInterrupt:
        outcome.left = rows[len(outcome.done) + len(outcome.refused) :]
    return outcome


def _apply(
    row: Row,
    change: Callable[[Row], Result],
    refusals: tuple[type[Exception], ...],
    outcome: Outcome[Row, Result],
    busy: dict[int | None, str],
) -> str | None:
    """Change one row; the reason when it was refused."""
    try:
        outcome.done.append((row, change(row)))
    except Busy as error:
        busy[row.user_id] = str(error)
        return str(error)
    except refusals as error:
        return str(error)
    except Exception:
        logger.exception("%r could not be changed.", row)
        return "An internal error; the log has it."
    return None
