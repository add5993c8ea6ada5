"""The log: as text or as JSON, each line with the id of the request it is about.

An import keeps the id of the request that brought it, so what its worker logs later has
that id as well. What a line says beside its message (`extra=said(...)`) are keys of the
JSON; the message has them in words.
"""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured

from tachi.redaction import redacted

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: What a terminal, or whoever reads a log line by line, would take for something else.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request that is at work here, or that brought the import; or ""."""
    return _request_id.get()


def id_for(asked: str | None) -> str:
    """The id that a client gives its request, if it is well-formed, else a new one."""
    if asked and WELL_FORMED.fullmatch(asked):
        return asked
    return secrets.token_hex(8)


@contextmanager
def of_request(id_: str) -> Iterator[None]:
    """What is logged in the block is about that request."""
    token = _request_id.set(id_)
    try:
        yield
    finally:
        _request_id.reset(token)


def said(**more: Any) -> dict[str, Any]:
    """`extra` of a log call: keys of the line as JSON, beside its message."""
    return {"said": more}


class TextFormatter(logging.Formatter):
    """`TIME LEVEL LOGGER: message [request id]`, on one line but for tracebacks."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        if not line.isprintable():
            line = CONTROL.sub("�", line)
        return f"{line} [{id_}]" if (id_ := _request_id.get()) else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, `requestID`
    where there is one, what else was said, and the traceback as `exception`.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id_ := _request_id.get():
            line["requestID"] = id_
        for name, value in getattr(record, "said", {}).items():
            line[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return as_json(line)


def as_json(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except orjson.JSONEncodeError:  # half of a surrogate pair, for example
        whole = {name: CONTROL.sub("�", str(value)) for name, value in line.items()}
        return orjson.dumps(whole).decode()


FORMATTERS = {
    "text": "tachi.logs.TextFormatter",
    "json": "tachi.logs.JsonFormatter",
}


def logging_settings(format_: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: all to stderr, in one format. Raises ImproperlyConfigured."""
    if format_ not in FORMATTERS:
        raise ImproperlyConfigured(f"LOG_FORMAT has to be text or json: {format_!r}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[format_]}},
        "filters": {"redacted": {"()": "tachi.redaction.Redacted"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["redacted"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": []},  # through the root, and once
            # A line for each 4xx, with the path as it was sent: ours says as much.
            "django.request": {"level": "ERROR"},
            "django-q": {"level": "WARNING"},  # else three lines for every import
            "waitress.queue": {"level": "ERROR"},  # else one for each that has to wait
        },
    }
