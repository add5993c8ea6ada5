"""System checks: what is well-formed, but would not work.

They run with every command, so an operator hears of them before a player does. What
would work, and not be safe, is in `tachi.security_checks`.
"""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SERVER_TYPES = {"kamai", "boku", "omni"}
COOKIE_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
AT_LEAST = {
    "RATE_LIMIT": 1,
    "NUM_PROXIES": 0,
    "ADMIN_SESSION_HOURS": 0.1,
    "MAX_ROWS": 1,
    "PREVIEW_ROWS": 0,
    "PREVIEW_SCORES": 0,
    "IMPORT_LEASE_SECONDS": 1,
    "IMPORT_ATTEMPTS": 1,
    "MAX_UNFINISHED_UPLOADS": 1,
    "MAX_BYTES_A_DAY": 1,
    "MAX_UNFINISHED_FROM_HOOKS": 1,
    "BEATORAJA_QUEUE_SIZE": 1,
    "SEEDS_MOST_MISSING": 0,
    "MAX_REPLAY_BYTES": 0,
    "REQUEST_WAIT_SECONDS": 0,
    "REVERT_WAIT_SECONDS": 0,
    "RESTORE_DAYS": 0,
    "INPUT_DAYS": 0,
    "QUEUE_WAIT_SECONDS": 1,
}


@register
def secret_key(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.SECRET_KEY != settings.INSECURE_SECRET_KEY:
        return []
    return [
        Error(
            "SECRET_KEY is the one that everybody knows: sessions can be forged.",
            hint="Set SECRET_KEY to a long random text, or DEBUG to on.",
            id="tachi.E001",
        )
    ]


@register
def queue_retries(**kwargs: Any) -> list[CheckMessage]:
    queue = settings.Q_CLUSTER
    if queue["retry"] > queue["timeout"]:
        return []
    return [
        Error(
            "A task that is still running would be started again: "
            f"retry ({queue['retry']} s) is not above timeout ({queue['timeout']} s).",
            hint="Set TASK_RETRY_SECONDS above TASK_TIMEOUT_SECONDS.",
            id="tachi.E002",
        )
    ]


@register
def server_type(**kwargs: Any) -> list[CheckMessage]:
    if settings.SERVER_TYPE in SERVER_TYPES:
        return []
    return [
        Error(
            f"SERVER_TYPE is {settings.SERVER_TYPE!r}, which clients do not know.",
            hint=f"Set SERVER_TYPE to one of {', '.join(sorted(SERVER_TYPES))}.",
            id="tachi.E003",
        )
    ]


@register
def allowed_hosts(**kwargs: Any) -> list[CheckMessage]:
    if settings.ALLOWED_HOSTS or settings.DEBUG:
        return []
    return [
        Error(
            "ALLOWED_HOSTS is empty: every request would be answered 400.",
            hint="Set ALLOWED_HOSTS to the site's names, with spaces between them.",
            id="tachi.E004",
        )
    ]


@register
def cookie_name(**kwargs: Any) -> list[CheckMessage]:
    if COOKIE_NAME.fullmatch(settings.SESSION_COOKIE_NAME):
        return []
    return [
        Error(
            f"No cookie may be called {settings.SESSION_COOKIE_NAME!r}: nobody could "
            "log in.",
            hint="Use ASCII letters, digits and spaces in SERVER_NAME.",
            id="tachi.E005",
        )
    ]


@register
def numbers(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{name} is {getattr(settings, name)}, which is too little.",
            hint=f"Set {name} to {least} or more.",
            id="tachi.E006",
        )
        for name, least in AT_LEAST.items()
        if getattr(settings, name) < least
    ]


@register
def our_url(**kwargs: Any) -> list[CheckMessage]:
    if not settings.OUR_URL or re.match(r"https?://[^/]+", settings.OUR_URL):
        return []
    return [
        Error(
            f"OUR_URL is {settings.OUR_URL!r}, from which no client could poll.",
            hint="Set OUR_URL to something like https://tachi.example, or leave it.",
            id="tachi.E007",
        )
    ]
