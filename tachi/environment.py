"""Reading settings from the environment: a malformed value fails at once and loudly.

The message names the variable, and never a value that may be secret.
"""

import os
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def boolean(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value not in {"on", "off", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} has to be on or off, not {value!r}.")
    return value in {"on", "true", "1"}


def number(name: str, default: float) -> float:
    value = text(name, str(default))
    try:
        parsed = float(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} has to be a number, not {value!r}."
        ) from None
    return int(parsed) if parsed.is_integer() else parsed


def pairs(name: str) -> dict[str, str]:
    """Words with meanings, like "A=1 B=2"."""
    value = dict(each.partition("=")[::2] for each in text(name).split())
    if not all(key and meaning for key, meaning in value.items()):
        raise ImproperlyConfigured(f"{name} has to be like KEY=VALUE KEY=VALUE.")
    return value


def database(url: str) -> dict[str, Any]:
    engines = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
    try:
        parsed = dict(
            dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
        )
    except ValueError:
        parsed = {}
    if parsed.get("ENGINE") not in engines:
        scheme = url.partition(":")[0]  # the rest may hold a password
        raise ImproperlyConfigured(
            f"DATABASE_URL has to start with sqlite:// or postgres://, not {scheme!r}."
        )
    return parsed


def secret_key(debug: bool, of_a_checkout: str) -> str:
    """SECRET_KEY; on a developer's machine the one that everybody knows will do.

    Sessions signed with that one can be forged, so a site does not start with it.
    """
    value = text("SECRET_KEY").strip() or of_a_checkout
    if not debug and value == of_a_checkout:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing, and DEBUG is off: set it to a long random text."
        )
    return value
