"""Whether the database is there and has its tables, in words for people."""

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
)
from django.db.migrations.executor import MigrationExecutor

#: PostgreSQL's codes, and SQLite's words, for a table or a column that is not there.
MISSING_CODES = {"42P01", "42703"}
MISSING_WORDS = ("no such table: ", "no such column: ", " has no column named ")
GONE_CODE, GONE_WORDS = "23503", "FOREIGN KEY constraint failed"
NO_DATABASE = "does not exist"

NOT_SET_UP = (
    "The site's database is not set up, or not up to date with the site. Its operator "
    "has to run: manage.py migrate"
)


def described() -> str:
    """Which database it is: as in "tachi on db.example:5432 (PostgreSQL)".

    Without user and password.
    """
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"{settings['NAME']} (SQLite)"
    place = settings["HOST"] or "this machine"
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"{settings['NAME']} on {place}{port} (PostgreSQL)"


def lacks_something(error: Exception) -> bool:
    """Whether a table or a column is missing, as before `migrate`, or by a bug."""
    if not isinstance(error, DatabaseError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    return code in MISSING_CODES or (
        connection.vendor == "sqlite"
        and any(words in str(error) for words in MISSING_WORDS)
    )


def lost_what_it_refers_to(error: Exception) -> bool:
    """Whether a row was not stored because what it is about was deleted meanwhile."""
    if not isinstance(error, IntegrityError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    return code == GONE_CODE or GONE_WORDS in str(error)


def is_migrated() -> bool:
    """Whether all migrations are applied; False as well where that cannot be told."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def trouble(error: Exception) -> str | None:
    """One line for operators on what is wrong with the database; None for a bug."""
    if lacks_something(error):
        if is_migrated():
            return None
        return (
            f"The database {described()} does not have its tables, or not as they are "
            "now. Run: manage.py migrate"
        )
    if isinstance(error, OperationalError | InterfaceError):
        said = str(error).strip() or type(error).__name__
        reason = " ".join(said.splitlines()[0].rpartition("failed: ")[2].split())
        return f"The database {described()} cannot be used: {reason.rstrip('.')}."
    return None


def is_absent(error: Exception) -> bool:
    """Whether there is no such database, or it has no tables."""
    return lacks_something(error) or NO_DATABASE in str(error)
