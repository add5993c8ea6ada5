"""A database of its own, on disk, that other threads and processes can open too."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def scratch_database(
    folder: Path, migrations: Iterable[tuple[str, ...]] = ((),)
) -> Iterator[str]:
    """Make it the default one for the length of the block; yields its address.

    It is migrated to each of `migrations` (app and name), and usually to the newest,
    which is done once for all tests.
    """
    newest = _template() if tuple(migrations) == ((),) else None
    if connection.vendor == "sqlite":
        name = str(folder / "scratch.sqlite3")
    else:
        name = f"tachi_scratch_{os.getpid()}"
    with _database(name, newest) as url:
        for migration in () if newest else migrations:
            call_command("migrate", *migration, verbosity=0)
        yield url


@cache
def _template() -> str:
    """The name of a database that is migrated to the newest, and open to nobody."""
    if connection.vendor == "sqlite":
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder)
        name = f"{folder}/template.sqlite3"
    else:
        name = f"tachi_template_{os.getpid()}"
        atexit.register(_drop, connections["default"], name)
    with _database(name, kept=True):
        call_command("migrate", verbosity=0)
    return name


@contextmanager
def _database(
    name: str, template: str | None = None, *, kept: bool = False
) -> Iterator[str]:
    """Make it, a copy of the template where there is one, and the default one."""
    usual = connections["default"]
    usual_settings = connections.settings["default"]
    if usual.vendor == "sqlite":
        url = f"sqlite:///{name}"
        if template:
            shutil.copyfile(template, name)
    else:
        url = _url({**usual_settings, "NAME": name})
        like = f" TEMPLATE {template}" if template else ""
        _do(usual, f"CREATE DATABASE {name}{like}")
        # No test of ours switches the machine off.
        _do(usual, f"ALTER DATABASE {name} SET synchronous_commit = off")
    connections.settings["default"] = {**usual_settings, "NAME": name}
    connections["default"] = connections.create_connection("default")
    connection.ensure_connection()
    try:
        yield url
    finally:
        connection.close()
        connections["default"] = usual
        connections.settings["default"] = usual_settings
        if usual.vendor != "sqlite" and not kept:
            _drop(usual, name)


def _drop(usual: BaseDatabaseWrapper, name: str) -> None:
    _do(usual, f"DROP DATABASE {name} WITH (FORCE)")


def _do(usual: BaseDatabaseWrapper, statement: str) -> None:
    with usual._nodb_cursor() as cursor:
        cursor.execute(statement)


def _url(settings: dict) -> str:
    login = f"{settings['USER']}:{settings['PASSWORD']}"
    place = f"{settings['HOST'] or 'localhost'}:{settings['PORT'] or 5432}"
    return f"postgres://{login}@{place}/{settings['NAME']}"
