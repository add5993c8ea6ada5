"""Which game a hook runs in, by the headers that hooks of one family send."""

import re
from typing import NamedTuple

from imports.formats.base import ImportRefused
from tachi.schema.javascript import beginning

MODEL = re.compile(r"([A-Z0-9]{3}):([A-Z]):([A-Z]):([A-Z]):([0-9]{10})")
LONGEST_SHOWN = 100


class Software(NamedTuple):
    """A build of a game, as its own files name it: `LDJ:J:E:A:2021091500`."""

    model: str
    region: str
    spec: str
    revision: str
    ext: str


def software_of(header: str, example: str = "LDJ:J:E:A:2021091500") -> Software:
    """The build that `X-Software-Model` names, like `example`. Raises ImportRefused."""
    found = MODEL.fullmatch(header)
    if found is None:
        raise ImportRefused(
            f"Invalid X-Software-Model {shown(header)} - expected the form {example}."
        )
    return Software(*found.groups())


def require_agent(header: str, name: str) -> str:
    """What stands behind `name/` in a User-Agent. Raises ImportRefused."""
    hook, slash, version = header.partition("/")
    if hook != name or not slash:
        raise ImportRefused(
            f"Invalid User-Agent {shown(header)} - expected {name}/ and its version."
        )
    return version


def shown(header: str) -> str:
    """A header's value, as a message quotes it."""
    return f"'{beginning(header, LONGEST_SHOWN)[:LONGEST_SHOWN]}'"
