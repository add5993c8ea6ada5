"""Import a file of scores in the foreground, with a progress bar."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imports.formats import FORMATS
from imports.formats.recognise import NotRecognised, recognise
from imports.models import Import, State
from imports.pipeline import Sent, accept, run_inline
from tachi.accounts.management.named import named_user
from tachi.admin.formatting import in_one_line
from tachi.commands import WRONG_USE

AUTO = "auto"


class Command(BaseCommand):
    help = "Import a file of scores for a user, in the foreground."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="what to import")
        parser.add_argument("--user", help="whose scores they are")
        parser.add_argument(
            "--import-type",
            default=AUTO,
            choices=(AUTO, *sorted(FORMATS)),
            help="in which format they are; unless it is said, what they look like",
        )
        parser.add_argument(
            "--field",
            action="append",
            default=[],
            type=_field,
            metavar="NAME=TEXT",
            help="what else the format wants to know, as playtype=SP; may be repeated",
        )
        parser.add_argument(
            "--list-types", action="store_true", help="list the formats, and end"
        )

    def handle(
        self,
        *,
        file: Path | None,
        user: str | None,
        import_type: str,
        field: list[tuple[str, str]],
        list_types: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        if list_types:
            self._list_types()
            return
        if file is None or user is None:
            text = "Name a file, and with --user whose scores they are."
            raise CommandError(text, returncode=WRONG_USE)
        player = named_user(user)
        try:
            payload = file.read_bytes()
        except OSError as error:
            text = f"{file}: {error.strerror}."
            raise CommandError(text, returncode=WRONG_USE) from error
        if import_type == AUTO:
            import_type = self._recognised(payload, file, verbosity)
        sent = Sent(
            player,
            import_type,
            payload,
            filename=file.name,
            parameters=dict(field),
            user_intent=True,
        )
        import_ = _run(sent, verbosity)
        if import_.state != State.COMPLETED:
            reason = import_.error_text or "another worker has it."
            told = in_one_line(reason)
            raise CommandError(f"Import {import_} {import_.state}: {told}")
        if verbosity:
            counts = import_.counts
            named = ", ".join(f"{counts[name]} {name}" for name in counts)
            self.stdout.write(f"Import {import_}: {named}.")

    def _list_types(self) -> None:
        for format_ in FORMATS.values():
            about = format_.about
            fields = "".join(f" --field {field.name}=…" for field in about.form)
            self.stdout.write(f"{format_.import_type:<34} {about.title}{fields}")

    def _recognised(self, payload: bytes, file: Path, verbosity: int) -> str:
        try:
            format_, reason = recognise(payload, file.name, FORMATS.values())
        except NotRecognised as why:
            text = f"{file}: {why}. Name its --import-type (--list-types)."
            raise CommandError(text) from None
        if verbosity:
            self.stdout.write(f"{file.name} is {format_.import_type}: {reason}.")
        return format_.import_type


def _field(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise ArgumentTypeError(f"{text!r} is not of the form NAME=TEXT")
    return name, value


def _run(sent: Sent, verbosity: int) -> Import:
    """Accept it and run it, with a bar that shows how far it is."""
    with tqdm(disable=verbosity == 0 or not sys.stderr.isatty()) as bar:

        def show(
            phase: str, description: str, done: int = 0, total: int | None = None
        ) -> None:
            bar.total, bar.n = total, done
            bar.set_description_str(description)

        return run_inline(accept(sent, inline=True), show)
