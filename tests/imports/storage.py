"""How many bytes the database holds of all that an import may write."""

from django.apps import apps
from django.db import connection

OURS = ("imports", "scores")


def stored_bytes() -> int:
    """On PostgreSQL, of the rows that live, uncompressed; on SQLite, of all pages.

    Within a test's transaction: nothing of it is on a disk yet.
    """
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
            return cursor.fetchone()[0]
        total = 0
        for table in tables:
            cursor.execute(f"SELECT sum(octet_length(t::text)) FROM {table} AS t")
            total += cursor.fetchone()[0] or 0
        return total
