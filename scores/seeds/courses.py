"""Courses from seed files: what charts make a dan, as `bms-course-lookup.json` says."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scores.copy_rows import chunks
from scores.games import GAMES
from scores.models import Course
from scores.rules.schema import offences
from tachi.schema import document, string

#: The games that have courses, and the file of each.
FILES = {"bms": "bms-course-lookup.json"}
RECORD = document(
    md5sums=string(1, 200),
    title=string(most=500),
    playtype=string(most=10),
    set=string(most=30),
    value=string(most=30),
)
FIELDS = ("title", "gpt", "class_set", "value")


def games_with_courses(directory: Path) -> set[str]:
    """The games of whose courses there is a file."""
    return {game for game, name in FILES.items() if (directory / name).exists()}


def problems(game: str, record: object) -> Iterator[str]:
    """What is wrong with a record, each in a sentence; the rest relies on the first."""
    if not isinstance(record, dict):
        yield "it has to be an object"
        return
    for path, _ in offences(RECORD, record):
        yield f"{path or 'it'} is not what it has to be"
    rules = GAMES.get(f"{game}:{record['playtype']}")
    if rules is None:
        yield f"{record['playtype']!r} is no playtype of {game}"
        return
    classes = rules.classes.get(record["set"])
    if classes is None or not classes.provided:
        yield f"{record['set']!r} is no set of classes that a course could give"
    elif record["value"] not in classes.values:
        yield f"{record['value']!r} is none of the classes of {record['set']}"


def store_courses(game: str, records: Sequence[dict[str, Any]]) -> None:
    """Create and update courses by their charts; inside the caller's transaction.

    Those that are in no file stay, as charts do.
    """
    courses = [
        Course(
            md5s=record["md5sums"],
            title=record["title"],
            gpt=f"{game}:{record['playtype']}",
            class_set=record["set"],
            value=record["value"],
        )
        for record in records
    ]
    for some in chunks(courses):
        Course.objects.bulk_create(
            some,
            update_conflicts=True,
            unique_fields=["md5s"],
            update_fields=FIELDS,
        )
