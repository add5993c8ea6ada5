"""What all commands share: how they exit, and what they say of the database."""

import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError, connections

from tachi import database

# Exit codes; 0 is: done.
SOME_FAILED = 1
WRONG_USE = 2  # badly asked, or something named does not exist
INTERRUPTED = 130  # and can be run again


def main(arguments: Sequence[str]) -> None:
    """Run a command of `manage.py`, with one line for what nobody needs a traceback of.

    A wrong setting, a database that is not there or has no tables, Ctrl-C. Raises
    SystemExit for all of them.
    """
    try:
        execute_from_command_line(list(arguments))
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong: {error}")
    except KeyboardInterrupt:
        end("Interrupted.", INTERRUPTED)
    except (DatabaseError, InterfaceError) as error:
        connections.close_all()
        told = database.trouble(error)
        if told is None:
            raise
        end(told, WRONG_USE if database.is_absent(error) else SOME_FAILED)


def end(text: str, code: int) -> None:
    """Print a line for people, and exit."""
    sys.stderr.write(f"{text}\n")
    sys.exit(code)
