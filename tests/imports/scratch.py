"""A database of its own, on disk, that other threads and processes can open too."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections


@contextmanager
def scratch_database(
    folder: Path, migrations: Iterable[tuple[str, ...]] = ((),)
) -> Iterator[str]:
    """Make it the default one for the length of the block; yields its address.

    It is migrated to each of `migrations` (app and name), and usually to the newest.
    """
    usual = connections["default"]
    usual_settings = connections.settings["default"]
    if usual.vendor == "sqlite":
        name = str(folder / "scratch.sqlite3")
        url = f"sqlite:///{name}"
    else:
        name = f"tachi_scratch_{os.getpid()}"
        url = _url({**usual_settings, "NAME": name})
        _do(usual, f"CREATE DATABASE {name}")
    connections.settings["default"] = {**usual_settings, "NAME": name}
    connections["default"] = connections.create_connection("default")
    try:
        for migration in migrations:
            call_command("migrate", *migration, verbosity=0)
        yield url
    finally:
        connection.close()
        connections["default"] = usual
        connections.settings["default"] = usual_settings
        if usual.vendor != "sqlite":
            _do(usual, f"DROP DATABASE {name} WITH (FORCE)")


def _do(usual, statement: str) -> None:
    with usual._nodb_cursor() as cursor:
        cursor.execute(statement)


def _url(settings: dict) -> str:
    login = f"{settings['USER']}:{settings['PASSWORD']}"
    place = f"{settings['HOST'] or 'localhost'}:{settings['PORT'] or 5432}"
    return f"postgres://{login}@{place}/{settings['NAME']}"
