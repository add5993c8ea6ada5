"""What a record of a seed file has to be, and sentences on what it is instead."""

import json
import re
from collections.abc import Iterator
from typing import Any

from scores.games import GAMES, PLAYTYPES
from scores.rules.schema import ABSENT, Schema, offences
from tachi.schema import Document, array, boolean, document, integer, number, string

LARGEST_ID = 2**31 - 1
ANY_DATA = Document(open=True)
DOCUMENTS = {
    "songs": document(
        id=integer(minimum=0, maximum=LARGEST_ID),
        title=string(),
        artist=string(),
        searchTerms=array(string()),
        altTitles=array(string()),
        data=ANY_DATA,
    ),
    "charts": document(
        chartID=string(),
        songID=integer(minimum=0, maximum=LARGEST_ID),
        playtype=string(),
        difficulty=string(),
        level=string(),
        levelNum=number(minimum=-1e9, maximum=1e9),
        isPrimary=boolean(),
        versions=array(string()),
        data=ANY_DATA,
    ),
}

LONGEST = {"chartID": 64, "difficulty": 80, "level": 20}
LONGEST_NAME = 500  # of a title, an id or a hash: sources name charts by them

# JSON can spell texts that no database stores: NUL, and one half of a character.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
SPELT_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def problem(kind: str, game: str, record: object) -> str | None:
    """What is wrong with one of a game's "songs" or "charts", in a sentence.

    Each check relies on those before it, and only the first complaint is asked for.
    """
    if not isinstance(record, dict):
        return "it has to be an object"
    return next(_complaints(kind, game, record), None)


def spells_unstorable(text: str) -> bool:
    """Whether a file may hold a text that no database stores; a quick look."""
    return SPELT_UNSTORABLE.search(text) is not None


def unstorable(value: object) -> Iterator[str]:
    """The paths of texts, keys included, that no database stores.

    Without recursion: a file may be nested deeper than Python recurses.
    """
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, str) and UNSTORABLE.search(each):
            yield path
        waiting += reversed(_parts(path, each))


def shown(value: object) -> str:
    """A value in a message, not longer than a line has room for."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "something that is nested too deeply"
    return text if len(text) <= 60 else text[:57] + "..."


def _complaints(kind: str, game: str, record: dict[str, Any]) -> Iterator[str]:
    yield from _offences(record, DOCUMENTS[kind])
    if kind == "charts":
        yield from _chart_complaints(game, record)
    yield from _offences(record["data"], _data_schema(kind, game, record), "data")
    yield from _too_long(record)


def _chart_complaints(game: str, chart: dict[str, Any]) -> Iterator[str]:
    rules = GAMES.get(f"{game}:{chart['playtype']}")
    if rules is None:
        playtypes = " or ".join(PLAYTYPES[game])
        yield f"playtype {shown(chart['playtype'])} is not {playtypes}"
        return
    if rules.difficulties and chart["difficulty"] not in rules.difficulties:
        yield f"difficulty {shown(chart['difficulty'])} is not one of the game's"
    for version in chart["versions"]:
        if version not in rules.versions:
            yield f"versions: {shown(version)} is not one of the game's"
    if len(set(chart["versions"])) < len(chart["versions"]):
        yield "versions has one of them twice"


def _data_schema(kind: str, game: str, record: dict[str, Any]) -> Schema:
    if kind == "charts":
        return GAMES[f"{game}:{record['playtype']}"].chart_data
    return GAMES[f"{game}:{PLAYTYPES[game][0]}"].song_data


def _offences(value: object, schema: Schema, below: str = "") -> Iterator[str]:
    for path, found in offences(schema, value):
        wrong = "is missing" if found is ABSENT else f"may not be {shown(found)}"
        yield f"{_join(below, path)} {wrong}"


def _too_long(record: dict[str, Any]) -> Iterator[str]:
    for name, limit in LONGEST.items():
        if len(record.get(name, "")) > limit:
            yield f"{name} is longer than {limit} characters"
    for path, value in _names(record):
        if isinstance(value, str) and len(value) > LONGEST_NAME:
            yield f"{path} is longer than {LONGEST_NAME} characters"


def _names(record: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield "title", record.get("title")
    yield from (("altTitles", title) for title in record.get("altTitles", ()))
    for key, value in record["data"].items():
        for each in value if isinstance(value, list) else [value]:
            yield f"data.{key}", each


def _parts(path: str, value: object) -> list[tuple[str, object]]:
    """The keys and values in a value, with their paths; a key has its object's."""
    if isinstance(value, list):
        return [(_join(path, str(i)), each) for i, each in enumerate(value)]
    parts: list[tuple[str, object]] = []
    if isinstance(value, dict):
        for key, each in value.items():
            parts += [(path, key), (_join(path, key), each)]
    return parts


def _join(path: str, key: str) -> str:
    return f"{path}.{key}".strip(".")
