"""System checks: what works, and is not safe for a site that others can reach.

Django's own `check --deploy` finds cookies that are not secure, and the like.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from tachi.api.addresses import is_loopback
from tachi.api.counters import CountingDatabaseCache


@register
def rate_limits(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.RATE_LIMITS:
        return []
    return [
        Warning(
            "RATE_LIMITS is off: passwords can be guessed as fast as you answer.",
            hint="Set RATE_LIMITS to on.",
            id="tachi.W001",
        )
    ]


@register
def debug_in_public(**kwargs: Any) -> list[CheckMessage]:
    """A site that names its public address, and has forgotten to set DEBUG."""
    named = {
        "OUR_URL": [settings.OUR_URL],
        "ALLOWED_HOSTS": [each for each in settings.ALLOWED_HOSTS if each != "*"],
        "CSRF_TRUSTED_ORIGINS": settings.CSRF_TRUSTED_ORIGINS,
    }
    public = [name for name, values in named.items() if any(map(is_public, values))]
    if not (settings.DEBUG and public):
        return []
    return [
        Warning(
            f"DEBUG is on, and {' and '.join(public)} names a public host: visitors "
            "see tracebacks with settings, and anybody can forge sessions.",
            hint="Set DEBUG to off, and SECRET_KEY to a long random text.",
            id="tachi.W002",
        )
    ]


def is_public(address: str) -> bool:
    """Whether an address, or a host, is another than this machine's."""
    host = urlsplit(address).hostname if "://" in address else address
    return bool(host) and not is_loopback(str(host))


@register(deploy=True)
def shared_cache(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or not settings.RATE_LIMITS or not is_of_one_process():
        return []
    return [
        Warning(
            "Each process counts requests by itself: the limits, of guesses of a "
            "password too, are as many times higher as there are processes.",
            hint="Set CACHE_URL to redis://host:6379/0, or to database://table.",
            id="tachi.W003",
        )
    ]


def is_of_one_process() -> bool:
    backend = settings.CACHES["default"]["BACKEND"]
    return backend.endswith((".LocMemCache", ".DummyCache"))


@register
def proxies(**kwargs: Any) -> list[CheckMessage]:
    """What is said of proxies, and does not fit together."""
    behind, proxies = settings.BEHIND_PROXY, settings.NUM_PROXIES
    if behind and proxies == 0 and not settings.DEBUG:
        return [
            Warning(
                "BEHIND_PROXY is on, and NUM_PROXIES is 0: all requests count as the "
                "proxy's, so that all players together have the limit of one.",
                hint="Set NUM_PROXIES to the number of your own proxies in a row.",
                id="tachi.W004",
            )
        ]
    if not behind and proxies > 0:
        return [
            Warning(
                f"NUM_PROXIES is {proxies}, and BEHIND_PROXY is off: no "
                "X-Forwarded-For is believed.",
                hint="Set BEHIND_PROXY to on, or leave NUM_PROXIES.",
                id="tachi.W004",
            )
        ]
    return []


@register(deploy=True)
def no_proxy_for_tls(**kwargs: Any) -> list[CheckMessage]:
    if settings.BEHIND_PROXY or not settings.SECURE_SSL_REDIRECT:
        return []
    return [
        Warning(
            "SECURE_SSL_REDIRECT is on, and BEHIND_PROXY is off: our web server speaks "
            "plain HTTP, so every page would redirect to itself.",
            hint="Set BEHIND_PROXY to on, with a proxy that sets X-Forwarded-Proto.",
            id="tachi.W005",
        )
    ]


@register
def trusted_origins(**kwargs: Any) -> list[CheckMessage]:
    plain = [
        each
        for each in settings.CSRF_TRUSTED_ORIGINS
        if each.lower().startswith("http://")
    ]
    if settings.DEBUG or not plain:
        return []
    return [
        Warning(
            f"CSRF_TRUSTED_ORIGINS has {', '.join(plain)}: whoever is between such a "
            "page and its reader can act as an administrator.",
            hint="Name https:// origins only.",
            id="tachi.W006",
        )
    ]


@register
def any_host(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "ALLOWED_HOSTS has *: a request may say that our name is any other.",
            hint="Set ALLOWED_HOSTS to the site's names, with spaces between them.",
            id="tachi.W007",
        )
    ]


@register(deploy=True)
def cache_in_sqlite(**kwargs: Any) -> list[CheckMessage]:
    cache = caches["default"]
    if not isinstance(cache, CountingDatabaseCache) or not any(
        each["ENGINE"].endswith("sqlite3") for each in settings.DATABASES.values()
    ):
        return []
    return [
        Warning(
            "CACHE_URL is a table in SQLite, where one writes at a time: every request "
            "waits for the import that is being written.",
            hint="Use Redis, or PostgreSQL.",
            id="tachi.W008",
        )
    ]


@register(Tags.database)
def cache_table(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Where a database is asked, as by `migrate`: is CACHE_URL's table there?"""
    cache = caches["default"]
    if not (databases and isinstance(cache, CountingDatabaseCache)):
        return []
    table = cache._table
    if table in connections["default"].introspection.table_names():
        return []
    return [
        Warning(
            f"There is no table {table!r} for CACHE_URL, so each process counts "
            "requests by itself.",
            hint="Run manage.py createcachetable.",
            id="tachi.W009",
        )
    ]
