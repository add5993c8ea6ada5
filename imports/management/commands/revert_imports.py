"""Revert imports by the thousand: newest first, each in a transaction of its own."""

from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from imports.formats import FORMATS
from imports.management.terminal import (
    apply_with_progress,
    refuse_unknown,
    write_outcome,
)
from imports.models import Import, RequestedBy, Revert
from imports.undo.revert import revert_import
from scores.games import PLAYTYPES
from tachi.accounts.models import PREFIX_LENGTH, User

LISTED = 20
CONDITIONS = {
    "user": "user__username__iexact",
    "import_type": "import_type",
    "game": "game",
    "service": "service",
    "token": "token__prefix__startswith",
    "user_agent": "user_agent__icontains",
    "since": "received_at__gte",
    "until": "received_at__lt",
}


def moment(text: str) -> datetime:
    """A date or a time; without an offset, UTC."""
    parsed = parse_datetime(text if len(text) > 10 else f"{text}T00:00:00")
    if parsed is None:
        raise ValueError(text)
    if timezone.is_naive(parsed):
        return timezone.make_aware(parsed, UTC)
    try:
        return parsed.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


class Command(BaseCommand):
    help = (
        "Revert every completed import that matches all that is said. "
        "Filters and ids narrow each other; without any nothing is done."
    )

    def add_arguments(self, parser):
        add = parser.add_argument
        add("import_ids", nargs="*", metavar="IMPORT_ID")
        add("--user", metavar="NAME", help="only this user's")
        add("--import-type", choices=sorted(FORMATS))
        add("--game", choices=sorted(PLAYTYPES))
        add("--service", help="only those whose service is exactly this")
        add("--token", metavar="PREFIX", help="only those sent with this API token")
        add("--user-agent", metavar="TEXT", help="only those whose client names this")
        add("--since", type=moment, metavar="TIME", help="only those received since")
        add("--until", type=moment, metavar="TIME", help="only those received before")
        add("--dry-run", action="store_true", help="list them and change nothing")
        add("--no-input", action="store_false", dest="ask", help="do not ask first")
        add("--reason", default="", help="kept on record with every revert")

    def handle(self, *, dry_run, ask, reason, verbosity, **options):
        imports = self.matching(options)
        if not imports:
            self.stdout.write("No completed import matches.")
            return
        self.describe(imports, everything=dry_run)
        if dry_run:
            self.stdout.write(f"{len(imports)} imports would be reverted.")
            return
        if ask and not confirmed(len(imports)):
            raise CommandError("Nothing was reverted.")
        requested_by = RequestedBy(None, Revert.Origin.COMMAND, reason)
        outcome = apply_with_progress(
            imports,
            lambda import_: revert_import(import_, requested_by),
            (),
            verbosity,
        )
        write_outcome(outcome, "Reverted", self.stdout)

    def matching(self, options) -> list[Import]:
        """The imports that are meant, newest first. Refuses to mean all of them."""
        wanted = filters(options)
        if not (options["import_ids"] or wanted):
            raise CommandError("Say which imports: give ids, or filters (see --help).")
        imports = Import.objects.completed().filter(**wanted)
        if options["import_ids"]:
            refuse_unknown(options["import_ids"])
            imports = imports.filter(import_id__in=options["import_ids"])
        return list(
            imports.select_related("user")
            .defer("errors", "later_claims", "class_deltas")
            .order_by("-finished_at", "-pk")
        )

    def describe(self, imports, *, everything) -> None:
        shown = imports if everything else imports[:LISTED]
        for import_ in shown:
            self.stdout.write(
                f"{import_}  {import_.finished_at:%Y-%m-%d %H:%M}  {import_.user}"
                f"  {import_.import_type}  {import_.game}"
                f"  {import_.counts.get('imported', 0)} scores"
            )
        if len(imports) > len(shown):
            self.stdout.write(f"… and {len(imports) - len(shown)} more.")


def confirmed(count: int) -> bool:
    """Whether somebody is there, and says yes."""
    try:
        return input(f"Revert {count} imports? [yes/no] ") == "yes"
    except (EOFError, KeyboardInterrupt):
        return False


def filters(options) -> dict:
    """What was said, as conditions on imports. Raises CommandError."""
    said = {name: options[name] for name in CONDITIONS if options[name] is not None}
    for name, value in said.items():
        # An empty variable of a shell script must not mean everybody's imports.
        if not value:
            raise CommandError(f"--{name.replace('_', '-')} is empty.")
    if "user" in said and User.objects.named(said["user"]) is None:
        raise CommandError(f"There is no user {said['user']!r}.")
    if "token" in said:
        said["token"] = said["token"][:PREFIX_LENGTH]
    return {CONDITIONS[name]: value for name, value in said.items()}
