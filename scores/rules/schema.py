"""The shapes of the documents around a score: song data, chart data, score meta.

The words are those of `tachi.schema`; a game's card finds all that it needs here.

    CHART_DATA = document(inGameID=integer(minimum=0), tier=number().or_absent())
    list(offences(CHART_DATA, {"inGameID": -1}))  # [("inGameID", -1)]
"""

from collections.abc import Iterator

from tachi.schema import (
    ABSENT,
    Check,
    array,
    boolean,
    document,
    either,
    integer,
    null,
    number,
    one_of,
    string,
    tuple_of,
)

__all__ = [
    "ABSENT",
    "EMPTY",
    "Schema",
    "array",
    "boolean",
    "document",
    "either",
    "integer",
    "null",
    "number",
    "offences",
    "one_of",
    "string",
    "tuple_of",
]

Schema = Check
EMPTY = document()


def offences(schema: Schema, value: object) -> Iterator[tuple[str, object]]:
    """The dotted path of everything that offends ("" is the whole), and what is there.

    Each unexpected key is an offence of its own. ABSENT is where a key is missing.
    """
    for place, _, found, unexpected, _ in schema.violations(value):
        if unexpected and isinstance(found, dict):
            for key in unexpected:
                yield _dotted(*place, key), found[key]
        else:
            yield _dotted(*place), found


def _dotted(*place: str | int) -> str:
    return ".".join(map(str, place))
