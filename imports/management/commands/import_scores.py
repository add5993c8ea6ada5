"""Import a file of scores in the foreground, with a progress bar."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imports.formats import FORMATS
from imports.formats.base import Format, ImportRefused
from imports.formats.recognise import NotRecognised, recognise
from imports.management.outcomes import as_object, as_text
from imports.management.previewed import write_preview
from imports.models import Import, State
from imports.pipeline import Sent, accept, run_inline
from imports.preview import ImportPreview, preview
from imports.read import Report
from scores.locks import Busy
from tachi.accounts.management.named import named_user
from tachi.admin.formatting import in_one_line
from tachi.commands import SOME_FAILED, WRONG_USE

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
        parser.add_argument(
            "--allow-rejected",
            action="store_true",
            help="exit code 0 also where rows were rejected",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="tell what it would do, and store nothing",
        )
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *, list_types: bool, **options: Any) -> None:
        if list_types:
            self._list_types()
            return
        sent = self._read(**options)
        as_json, allow_rejected = options["json"], options["allow_rejected"]
        verbosity = 0 if as_json else options["verbosity"]
        if options["dry_run"]:
            write_preview(
                _previewed(sent, verbosity),
                self.stdout,
                as_json=as_json,
                allow_rejected=allow_rejected,
            )
            return
        import_ = _run(sent, verbosity)
        if as_json:
            self.stdout.write(dumps(as_object(import_)))
        if import_.state != State.COMPLETED:
            reason = import_.error_text or "another worker has it."
            told = in_one_line(reason)
            raise CommandError(f"Import {import_} {import_.state}: {told}{_hint(sent)}")
        for line in as_text(import_) if verbosity else ():
            self.stdout.write(line)
        if not allow_rejected:
            _require_none_rejected(import_)

    def _read(
        self,
        *,
        file: Path | None,
        user: str | None,
        import_type: str,
        field: list[tuple[str, str]],
        **options: Any,
    ) -> Sent:
        """What is to be imported. Raises CommandError."""
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
            is_told = options["verbosity"] and not options["json"]
            import_type = self._recognised(payload, file, is_told)
        _require_known(field, import_type)
        return Sent(
            player,
            import_type,
            payload,
            filename=file.name,
            parameters=dict(field),
            user_intent=True,
            past_rules=True,
        )

    def _list_types(self) -> None:
        for format_ in FORMATS.values():
            fields = "".join(f" --field {name}=…" for name in _names(format_))
            self.stdout.write(
                f"{format_.import_type:<34} {format_.about.title}{fields}"
            )

    def _recognised(self, payload: bytes, file: Path, is_told: bool) -> str:
        try:
            format_, reason = recognise(payload, file.name, FORMATS.values())
        except NotRecognised as why:
            text = f"{file}: {why}. Name its --import-type (--list-types)."
            raise CommandError(text) from None
        if is_told:
            self.stdout.write(f"{file.name} is {format_.import_type}: {reason}.")
        return format_.import_type


def _names(format_: Format) -> list[str]:
    return [each.name for each in (*format_.about.form, *format_.about.asked)]


def _require_known(given: list[tuple[str, str]], import_type: str) -> None:
    """Raise CommandError for a field that the format does not know: a slip, maybe."""
    names = _names(FORMATS[import_type])
    for name, _ in given:
        if name not in names:
            known = f"It knows {', '.join(names)}." if names else "It knows none."
            text = f"{import_type} has no field {in_one_line(name)!r}. {known}"
            raise CommandError(text, returncode=WRONG_USE)


def _hint(sent: Sent) -> str:
    """Which fields could have been given."""
    missing = set(_names(FORMATS[sent.import_type])) - sent.parameters.keys()
    options = " and ".join(f"--field {name}=…" for name in sorted(missing))
    return f" Fields not given: {options}." if options else ""


def _require_none_rejected(import_: Import) -> None:
    """Raise CommandError where rows were rejected: a script should know."""
    if rejected := import_.counts.get("rejected"):
        rows = "1 row was" if rejected == 1 else f"{rejected} rows were"
        text = f"{rows} rejected (--allow-rejected, for exit code 0). The others count."
        raise CommandError(text, returncode=SOME_FAILED)


def _field(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise ArgumentTypeError(f"{text!r} is not of the form NAME=TEXT")
    return name, value


def _run(sent: Sent, verbosity: int) -> Import:
    """Accept it and run it, with a bar that shows how far it is."""
    with _bar(verbosity) as show:
        return run_inline(accept(sent, inline=True), show)


def _previewed(sent: Sent, verbosity: int) -> ImportPreview:
    """What it would do, with the same bar. Raises CommandError."""
    try:
        with _bar(verbosity) as show:
            return preview(sent, show)
    except ImportRefused as refusal:
        text = f"It would be refused: {in_one_line(refusal.text)}{_hint(sent)}"
        raise CommandError(text) from None
    except Busy as busy:
        raise CommandError(f"{busy} Try again.") from None


@contextmanager
def _bar(verbosity: int) -> Iterator[Report]:
    with tqdm(disable=verbosity == 0 or not sys.stderr.isatty()) as bar:

        def show(
            phase: str, description: str, done: int = 0, total: int | None = None
        ) -> None:
            bar.total, bar.n = total, done
            bar.set_description_str(description)

        yield show
