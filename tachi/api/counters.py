"""Counting: how many times something happened in a window of time.

The counts are in the cache that all processes share, and exact however many count at
once. A cache that is away does not keep anybody from being answered: each process
counts by itself then, and asks the cache again after some seconds.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.cache import BaseCache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

logger = logging.getLogger(__name__)

AWAY_SECONDS = 5  # for which a cache that did not answer is not asked
ONE_IN = 200  # new counters: how often the old ones in a table are deleted

ADD = """
    INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)
    ON CONFLICT (cache_key) DO UPDATE
    SET value = CAST(CAST({table}.value AS bigint) + %s AS text)
    RETURNING value
"""

Answer = TypeVar("Answer")


class CountingDatabaseCache(DatabaseCache):
    """Django's, which reads a count and writes it back, with one that loses none."""

    _table: str

    def count(self, key: str, seconds: int, more: int) -> int:
        """Add to a count; outside of transactions, which would hold the row."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)
        at = connection.ops.adapt_datetimefield_value
        expires = at(datetime.fromtimestamp(int(time.time()) + seconds, tz=UTC))
        named = self.make_and_validate_key(key)
        with connection.cursor() as cursor:
            values = [named, str(more), expires, more]
            cursor.execute(ADD.format(table=table), values)
            count = int(cursor.fetchone()[0])
            # Django counts the whole table each time, to delete what has expired.
            if count == 1 and random.randrange(ONE_IN) == 0:
                now = at(timezone.now())
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])
        return count


class Shared:
    """The cache that all processes share, as this process finds it."""

    def __init__(self) -> None:
        self.away_until = 0.0  # of the monotonic clock

    def count(self, key: str, seconds: int, more: int = 1) -> int:
        """Count under a key, which is forgotten after some seconds: how many now."""
        return self.ask(lambda cache: add(cache, key, seconds, more))

    def get(self, key: str) -> Any:
        """What `set` has stored; None where there is nothing, or not any more."""
        return self.ask(lambda cache: cache.get(key))

    def set(self, key: str, value: Any, seconds: int) -> None:
        self.ask(lambda cache: cache.set(key, value, seconds))

    def ask(self, act: Callable[[BaseCache], Answer]) -> Answer:
        """Of the shared cache, or, while that is away, of this process's own."""
        if time.monotonic() >= self.away_until:
            try:
                return act(caches["default"])
            except Exception as error:  # each backend has errors of its own
                self.away_until = time.monotonic() + AWAY_SECONDS
                logger.warning(
                    "The shared cache does not answer, so this process counts requests "
                    "by itself for %s s: %s: %s",
                    AWAY_SECONDS,
                    type(error).__name__,
                    error,
                )
        return act(caches["process"])


def add(cache: BaseCache, key: str, seconds: int, more: int) -> int:
    """Raises whatever the cache raises that does not answer."""
    if isinstance(cache, CountingDatabaseCache):
        return cache.count(key, seconds, more)
    try:
        return cache.incr(key, more)
    except ValueError:  # it is new
        # Of all who find it missing, one adds it: nobody's count is lost.
        cache.add(key, 0, seconds)
        return cache.incr(key, more)


shared = Shared()
