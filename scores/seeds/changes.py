"""What differs between seed files and the database, row by row and field by field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import models

from scores.copy_rows import chunks, insert
from scores.models import ChartIdentifier

#: Columns that seed files call otherwise.
WORDS = {
    "search_terms": "searchTerms",
    "alt_titles": "altTitles",
    "song": "songID",
    "level_num": "levelNum",
    "is_primary": "isPrimary",
}


@dataclass(frozen=True)
class Changes:
    """The rows that a load writes of one model and one game.

    `fields` are those that differ, of each changed row, in the files' words.
    """

    created: list
    changed: list
    fields: list[list[str]]
    unchanged: int

    @property
    def written(self) -> list:
        return self.created + self.changed


def compare(
    wanted: Sequence[models.Model],
    stored: models.QuerySet,
    key: str,
    names: Sequence[str],
) -> Changes:
    """Compare the files with the database, in the columns of these names."""
    columns = [stored.model._meta.get_field(name).attname for name in names]
    values = attrgetter(*columns)
    known = {getattr(each, key): values(each) for each in stored}
    created, changed, fields = [], [], []
    for each in wanted:
        before = known.get(getattr(each, key))
        if before is None:
            created.append(each)
        elif before != (now := values(each)):
            changed.append(each)
            fields.append(_differing(names, before, now))
    return Changes(created, changed, fields, len(wanted) - len(created) - len(changed))


def write(
    changes: Changes,
    key: str,
    fields: Sequence[str],
    identifiers: Callable[[Any], list[tuple[str, str]]],
) -> None:
    """Insert or update rows by their key, and replace their identifiers."""
    if not (rows := changes.written):
        return
    model = type(rows[0])
    model.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["game", key],
        update_fields=fields,
    )
    owner = model._meta.model_name
    for some in chunks(changes.changed):
        ChartIdentifier.objects.filter(**{f"{owner}__in": some}).delete()
    insert(
        ChartIdentifier,
        ["game", "kind", "value", owner],
        (
            (row.game, kind, value, row.pk)
            for row in rows
            for kind, value in identifiers(row)
        ),
    )


def _differing(names: Sequence[str], before: tuple, now: tuple) -> list[str]:
    found = []
    for name, old, new in zip(names, before, now, strict=True):
        if name == "data":
            keys = dict.fromkeys((*old, *new))
            found += [f"data.{key}" for key in keys if old.get(key) != new.get(key)]
        elif old != new:
            found.append(WORDS.get(name, name))
    return found
