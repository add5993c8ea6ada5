"""All that is stored about a user, as one JSON object (docs/export.md)."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from imports.export import Document, Documents, export
from scores.copy_rows import chunks
from tachi.accounts.management.named import named_user
from tachi.accounts.models import User
from tachi.api.one_moment import one_snapshot

LINES = 200  # that are written at once


class Command(BaseCommand):
    help = "Print all that is stored about a user as JSON, of one moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER")

    def handle(self, *, user: str, **options: Any) -> None:
        player = named_user(user)
        with one_snapshot():
            for lines in chunks(printed(player), LINES):
                self.stdout.write("".join(lines), ending="")


def printed(player: User) -> Iterator[str]:
    """The object in pieces, a line for each document: it may be long."""
    before = "{\n"
    for key, value in export(player):
        yield f'{before}"{key}": '
        yield from printed_value(value)
        before = ",\n"
    yield "\n}\n"


def printed_value(value: Document | Documents) -> Iterator[str]:
    """A document on a line, or a list of them."""
    if isinstance(value, dict):
        yield orjson.dumps(value).decode()
        return
    before, after = "[\n", "[]"
    for document in value:
        yield before + orjson.dumps(document).decode()
        before, after = ",\n", "\n]"
    yield after
