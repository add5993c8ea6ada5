"""Waiting for imports that run, before something of their player is undone."""

import time
from itertools import count

from django.conf import settings

from imports.models import Import
from scores.locks import Busy, a_wait, patience

POLL_SECONDS = 0.05  # between two looks at imports that run


def wait_for_imports(user_id: int) -> float:
    """Wait until no import of the user runs; the seconds of the wait that are left.

    An import takes the player's lock only when it writes; that it runs is known by its
    lease. Raises Busy when one still runs after REVERT_WAIT_SECONDS, in a web request
    when its patience is at an end.
    """
    seconds = settings.REVERT_WAIT_SECONDS
    deadline = time.monotonic() + (patience(seconds) or 0)
    running = Import.objects.held().filter(user=user_id)
    with a_wait():
        for _ in count():
            left = deadline - time.monotonic()
            if not running.exists():
                return max(left, POLL_SECONDS)
            if left <= 0:
                raise Busy("An import of this user is still running.")
            time.sleep(POLL_SECONDS)
    raise AssertionError
