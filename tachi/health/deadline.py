"""Asking the database with a deadline, whatever it is that keeps the answer back.

A connection may hang where no time-out of the database or of the driver is heard. So a
thread asks, one at a time, and the request waits for it for as long as it can.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Probe(Generic[Answer]):
    """Something that is asked of the database: at most every `fresh_seconds`, and so
    seldom that it takes less than one part in `share` of the time.

    Who asks while another does waits for the same answer. `ask` gets None for an answer
    that is not there after `patience_seconds`, or that could not be had.
    """

    def __init__(
        self,
        ask: Callable[[], Answer],
        *,
        fresh_seconds: float,
        patience_seconds: float,
        share: float = 0,
    ) -> None:
        self._ask = ask
        self.fresh_seconds = fresh_seconds
        self.patience_seconds = patience_seconds
        self.share = share
        self.forget()

    def forget(self) -> None:
        """Ask anew the next time."""
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._good_until = 0.0
        self._asking: threading.Event | None = None

    def answer(self) -> Answer | None:
        """The answer, at most so old; None without one."""
        if connection.in_atomic_block:
            # Nobody else sees what this transaction has written: that of a test.
            return self._answer_or_none()
        with self._lock:
            if time.monotonic() < self._good_until:
                return self._answer
            if self._asking is None:
                self._asking = threading.Event()
                threading.Thread(
                    target=self._run, args=[self._asking], name="probe", daemon=True
                ).start()
                self._began = time.monotonic()
            asking = self._asking
            left = self._began + self.patience_seconds - time.monotonic()
        return self._answer if asking.wait(max(left, 0)) else None

    def _run(self, asking: threading.Event) -> None:
        began, answer = time.monotonic(), None
        try:
            answer = self._answer_or_none()
            connection.close()
        finally:
            now = time.monotonic()
            with self._lock:
                self._answer = answer
                pause = max(self.fresh_seconds, self.share * (now - began))
                self._good_until = now + pause
                self._asking = None
            asking.set()

    def _answer_or_none(self) -> Answer | None:
        try:
            return self._ask()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database cannot be asked: %s", error)
        except Exception:
            logger.exception("A probe failed.")
        return None
