"""How long one user may have things tried out: on SQLite only he writes meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings

from tachi.api.counters import shared
from tachi.api.envelope import Refused
from tachi.api.throttles import seconds_until

SECONDS, WINDOW = 15, 60


@contextmanager
def trying(user_id: int) -> Iterator[None]:
    """The block tries something out for a user. Raises Refused (429), before it begins,
    when all that he had tried out in this minute took SECONDS, by whichever way and
    with whichever token.
    """
    if not settings.RATE_LIMITS:
        yield
        return
    window = int(time.time()) // WINDOW
    key = f"limit:trying:{window}:{user_id}"
    if shared.count(key, WINDOW * 2, 0) >= SECONDS * 1000:
        seconds = seconds_until((window + 1) * WINDOW)
        text = (
            f"What you have tried out in this minute took more than {SECONDS} seconds."
            " Please wait."
        )
        raise Refused(
            429,
            text,
            headers={"Retry-After": seconds},
            status=429,
            message="Too many requests.",
        )
    began = monotonic()
    try:
        yield
    finally:
        shared.count(key, WINDOW * 2, int((monotonic() - began) * 1000))
