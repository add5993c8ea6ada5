"""The moderation log as CSV, for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from tachi.moderation.models import Entry
from tachi.spreadsheets import cell

HEADER = (
    "time",
    "who",
    "origin",
    "verb",
    "subject",
    "subjectID",
    "text",
    "player",
    "reason",
    "note",
    "batchID",
    "details",
)


class _Line:
    """What a CSV writer writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """A line of headers and one of each entry, as they are read; details are JSON.

    Times are in UTC. A text that could be a formula begins with an apostrophe.
    """
    writer = csv.writer(_Line())
    yield writer.writerow(HEADER)
    for entry in entries:
        yield writer.writerow([cell(value) for value in _values(entry)])


def _values(entry: Entry) -> Iterable[Any]:
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.by_name,
        entry.origin,
        entry.verb,
        entry.subject_kind,
        entry.subject_id,
        entry.subject_text,
        entry.player_name,
        entry.reason,
        entry.note,
        entry.batch_id,
        orjson.dumps(entry.details).decode(),
    )
