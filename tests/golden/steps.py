"""A step of a recording: what was sent, what came back, and by whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

IMPORT_PATHS = ("/import/file", "/import/from-api", "/ir/")
TOKEN = re.compile(r"Bearer (?P<token>tok-(?P<name>[\w-]+?)(-no(?P<lacks>[a-z_]+))?)")
REVERT = re.compile(r"/imports/(\w+)/revert")
LOGIN = re.compile(r"/auth/login/?$")
POLL = re.compile(r"/imports/(\w+)/poll-status")


def walk(value) -> Iterator[dict]:
    """Every object inside a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from walk(each)


@dataclass(frozen=True)
class Token:
    """A token as its name describes it: whose it is and what it may not do."""

    secret: str
    owner: str
    lacks: str | None


def answered(step: dict) -> dict:
    """The body of a recorded answer, if it is an object."""
    body = step["response"].get("body")
    body = body.get("body") if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def sent_headers(step: dict) -> dict:
    return step["request"].get("headers") or {}


def is_import(step: dict) -> bool:
    path = step["request"]["path"]
    return step["request"]["method"] == "POST" and any(
        part in path for part in IMPORT_PATHS
    )


def user_of(state: dict) -> int | None:
    """Whose state it is."""
    ids = (document.get("userID") for document in walk(state))
    return next((id_ for id_ in ids if isinstance(id_, int)), None)
