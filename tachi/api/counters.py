"""Counting: how many times something happened in a window of time.

The counts are in the cache that all processes share, and exact however many count at
once. A cache that is away does not keep anybody from being answered: each process
counts by itself then, and asks the cache again after some seconds.
"""

import logging
import random
import time
from datetime import UTC, datetime
from typing import Any

from django.core.cache import BaseCache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone

logger = logging.getLogger(__name__)

AWAY_SECONDS = 5  # for which a cache that did not answer is not asked
ONE_IN = 200  # new counters: how often the old ones in a table are deleted

INCREMENT = """
    INSERT INTO {table} (cache_key, value, expires) VALUES (%s, '1', %s)
    ON CONFLICT (cache_key) DO UPDATE
    SET value = CAST(CAST({table}.value AS bigint) + 1 AS text)
    RETURNING value
"""


class CountingDatabaseCache(DatabaseCache):
    """Django's, which reads a count and writes it back, with one that loses none."""

    _table: str

    def count(self, key: str, seconds: int) -> int:
        """One more; to be called outside of transactions, which would hold the row."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)
        at = connection.ops.adapt_datetimefield_value
        expires = at(datetime.fromtimestamp(int(time.time()) + seconds, tz=UTC))
        with connection.cursor() as cursor:
            named = self.make_and_validate_key(key)
            cursor.execute(INCREMENT.format(table=table), [named, expires])
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

    def count(self, key: str, seconds: int) -> int:
        """One more under a key, which is forgotten after some seconds: how many now."""
        if time.monotonic() >= self.away_until:
            try:
                return increment(caches["default"], key, seconds)
            except Exception as error:  # each backend has errors of its own
                self.away_until = time.monotonic() + AWAY_SECONDS
                logger.warning(
                    "The shared cache does not answer, so this process counts requests "
                    "by itself for %s s: %s: %s",
                    AWAY_SECONDS,
                    type(error).__name__,
                    error,
                )
        return increment(caches["process"], key, seconds)


def increment(cache: BaseCache, key: str, seconds: int) -> int:
    """Raises whatever the cache raises that does not answer."""
    counting: Any = getattr(cache, "count", None)
    if counting is not None:
        return int(counting(key, seconds))
    try:
        return cache.incr(key)
    except ValueError:  # it is new
        # Of all who find it missing, one adds it: nobody's count is lost.
        cache.add(key, 0, seconds)
        return cache.incr(key)


shared = Shared()
