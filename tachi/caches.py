"""The caches of a site, from CACHE_URL.

`default` counts requests, and is to be shared by all processes of a site. The others
are each process's own: `documents` keeps completed imports for those who poll them,
`process` counts while the shared cache cannot be reached.
"""

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

LOCAL = "django.core.cache.backends.locmem.LocMemCache"
MOST_COUNTERS = 100_000
PATIENCE = 0.5  # seconds for Redis to connect, and to answer
TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)

Cache = dict[str, Any]


def caches(url: str) -> dict[str, Cache]:
    """Django's CACHES. Raises ImproperlyConfigured for a malformed CACHE_URL."""
    return {
        "default": shared_cache(url) if url else local("counters"),
        "process": local("process"),
        "documents": {
            **local("documents"),
            "TIMEOUT": 60,  # seconds
            "OPTIONS": {"MAX_ENTRIES": 1_000},
        },
    }


def local(name: str) -> Cache:
    options = {"MAX_ENTRIES": MOST_COUNTERS}
    return {"BACKEND": LOCAL, "LOCATION": name, "OPTIONS": options}


def shared_cache(url: str) -> Cache:
    """`redis://…`, `rediss://…` (TLS), `unix://path`, or `database://table`."""
    scheme, _, rest = url.partition("://")
    makers = {
        "redis": redis,
        "rediss": redis,
        "unix": redis,
        "database": database,
        "db": database,
    }
    if scheme not in makers or not rest:
        # The rest of it may hold a password.
        raise ImproperlyConfigured(
            "CACHE_URL has to be redis://host:port/number, rediss://…, unix://path or "
            f"database://table, not {scheme.partition(':')[0]!r} and what follows."
        )
    return makers[scheme](url)


def redis(url: str) -> Cache:
    """Django's backend. Whoever does not answer at once is not waited for."""
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options = {
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": PATIENCE,
        "retry": Retry(NoBackoff(), 1),  # a kept connection may have been closed
    }
    path = url.partition("://")[2].partition("?")[0].partition("/")[2]
    try:
        if not url.startswith("unix:") and path and not path.isdecimal():
            raise ValueError("the path is the database's number")
        ConnectionPool.from_url(url, **options).make_connection()  # which opens nothing
    except (ValueError, TypeError, AttributeError):
        raise ImproperlyConfigured(
            "CACHE_URL is no address of a Redis: redis://user:password@host:port/number"
        ) from None
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [url],
        "KEY_PREFIX": "tachi",
        "OPTIONS": options,
    }


def database(url: str) -> Cache:
    """Django's backend, with counting in one statement."""
    table = url.partition("://")[2].strip("/")
    if not TABLE.fullmatch(table):
        raise ImproperlyConfigured(
            "CACHE_URL: the name of a table has small letters, digits and _ only."
        )
    return {
        "BACKEND": "tachi.api.counters.CountingDatabaseCache",
        "LOCATION": table,
        "OPTIONS": {"MAX_ENTRIES": MOST_COUNTERS},
    }
