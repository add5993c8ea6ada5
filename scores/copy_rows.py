"""Writing thousands of rows at once: COPY on PostgreSQL, `executemany` on SQLite.
Deleting them, too.

Three to nine times faster than `bulk_create` (docs/performance.md), so it is used for
the tables that grow with every import. Both ways store values as the model's fields do.
"""

import functools
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from scores.json_columns import dump_json
from scores.models.fields import HashField

T = TypeVar("T")
CHUNK = 1000
DELETED = 20_000  # rows by one statement


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`: as many as one statement may take."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def allocate_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Primary keys for `count` new rows, to be inserted in the same transaction.

    On SQLite a second call gives the same keys until rows with them are inserted.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
                " FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    first = (row[0] if row else 0) + 1
    return range(first, first + count)


def next_id(model: type[models.Model]) -> str:
    """What `allocate_ids` gives for one row, as a column of some other statement."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        return f"nextval(pg_get_serial_sequence('{table}', 'id'))"
    return f"1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0)"


def insert_together(*instances: models.Model) -> None:
    """Insert model instances that have their primary keys already.

    One statement on PostgreSQL, one for each on SQLite. What refers to another of them
    may come before it: such constraints are checked at the end of the transaction.
    """
    inserts = [_insert_of(instance) for instance in instances]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            *others, (sql, values) = inserts
            parts = [f"row_{n} AS ({other})" for n, (other, _) in enumerate(others)]
            together = f"WITH {', '.join(parts)} {sql}" if parts else sql
            of_others = [value for _, values in others for value in values]
            cursor.execute(together, [*of_others, *values])
        else:
            for sql, values in inserts:
                cursor.execute(sql, values)
    for instance in instances:
        instance._state.adding = False


def _insert_of(instance: models.Model) -> tuple[str, list[Any]]:
    fields = instance._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = [
        field.get_db_prep_save(field.pre_save(instance, add=True), connection)
        for field in fields
    ]
    marks = ", ".join(["%s"] * len(fields))
    table = f'"{instance._meta.db_table}"'
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})", values


def delete(rows: models.QuerySet[Any], advance: Callable[[int], object]) -> None:
    """Delete rows to which nothing refers any more, without reading them.

    In sets, each of which is told to `advance`: one statement for a million rows would
    take longer than a statement may.
    """
    while True:
        some = rows.model._base_manager.filter(pk__in=rows.values("pk")[:DELETED])
        count = some._raw_delete(rows.db)
        if not count:
            return
        advance(count)


def insert(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of values, given in the order of the fields' names.

    Values are what the fields hold (a hash as its text, JSON as an object); the
    fields not named must be nullable. One statement, whatever the number of rows.
    """
    fields = _fields(model, names)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"COPY {table} ({columns}) FROM STDIN", _text(fields, rows))
        else:
            marks = ", ".join(["%s"] * len(fields))
            adapted = _adapted(fields, rows)
            if adapted:
                cursor.executemany(
                    f"INSERT INTO {table} ({columns}) VALUES ({marks})", adapted
                )


def upsert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    identity: str,
) -> None:
    """Insert a few rows as `insert` does, or update those of the same `identity`.

    That is the columns of a unique constraint, "user_id, chart_id". A row that is as it
    should be is not written. One statement, whose text grows with the rows.
    """
    sql, values = _upsert(model, names, rows, identity)
    if values:
        table = model._meta.db_table
        changed = [field.column for field in _fields(model, names)]
        now = ", ".join(f'"{table}"."{column}"' for column in changed)
        wanted = ", ".join(f'excluded."{column}"' for column in changed)
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE ({now}) {differs} ({wanted})", values)


def upsert_for_ids(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    identity: str,
) -> dict[Any, int]:
    """The same, and every row is written; the primary keys by the identity, one column,
    as the database has it.
    """
    sql, values = _upsert(model, names, rows, identity)
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {identity}, id", values)
        return {
            bytes(key) if isinstance(key, memoryview) else key: pk for key, pk in cursor
        }


def _upsert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    identity: str,
) -> tuple[str, list[Any]]:
    fields = _fields(model, names)
    values = [value for row in _adapted(fields, rows) for value in row]
    columns = [f'"{field.column}"' for field in fields]
    row = f"({', '.join(['%s'] * len(fields))})"
    sql = (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)})'
        f" VALUES {', '.join([row] * (len(values) // len(fields)))}"
        f" ON CONFLICT ({identity}) DO UPDATE SET "
        + ", ".join(f"{column} = excluded.{column}" for column in columns)
    )
    return sql, values


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field]:
    found = (model._meta.get_field(name) for name in names)
    return [field for field in found if isinstance(field, models.Field)]


def _copy(cursor: CursorWrapper, sql: str, text: str) -> None:
    """COPY, run through Django's execute wrappers: tests count and break statements."""

    def execute(sql: str, params: object, many: bool, context: dict[str, Any]) -> Any:
        # Django's own cursor turns the driver's errors into django.db's; this one has
        # to be told. A connection lost here is trouble of the database, no bug of ours.
        with connection.wrap_database_errors:
            return context["cursor"].cursor.copy_expert(sql, io.StringIO(text))

    for wrapper in connection.execute_wrappers:
        execute = functools.partial(wrapper, execute)
    execute(sql, None, False, {"connection": connection, "cursor": cursor})


def _text(fields: Sequence[models.Field], rows: Iterable[Sequence[Any]]) -> str:
    """The rows in COPY's text format."""
    writers = [_copy_writer(field) for field in fields]
    lines = [
        "\t".join(
            [
                r"\N" if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            ]
        )
        for row in rows
    ]
    return "\n".join(lines) + "\n" if lines else ""


def _adapted(
    fields: Sequence[models.Field], rows: Iterable[Sequence[Any]]
) -> list[tuple]:
    """The rows as parameters of SQLite's driver."""
    writers = [_sqlite_writer(field) for field in fields]
    return [
        tuple(
            [
                None if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            ]
        )
        for row in rows
    ]


ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _escaped(value: str) -> str:
    return value.translate(ESCAPES)


def _json(value: Any) -> str:
    return dump_json(value).decode()


def _copy_json(value: Any) -> str:
    # JSON text has no raw tab or newline: only the backslash means something to COPY.
    return _json(value).replace("\\", "\\\\")


def _copy_writer(field: models.Field) -> Callable[[Any], str]:
    if isinstance(field, HashField):
        return lambda value: "\\\\x" + value[1:]
    if isinstance(field, models.JSONField):
        return _copy_json
    if isinstance(field, models.CharField | models.TextField):
        return _escaped
    if isinstance(field, models.BooleanField):
        return lambda value: "t" if value else "f"
    if isinstance(field, models.FloatField):
        return repr
    return str


def _sqlite_writer(field: models.Field) -> Callable[[Any], Any]:
    if isinstance(field, HashField):
        return lambda value: bytes.fromhex(value[1:])
    if isinstance(field, models.JSONField):
        return _json
    return lambda value: value
