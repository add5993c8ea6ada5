"""Revert imports by the thousand, as a batch: seen first, and restorable as one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.batches import control, run
from imports.management import batches, drafts, running, selection
from imports.management.drafts import WORDS, refusals
from imports.models import Origin, RequestedBy, RevertBatch
from scores.games import PLAYTYPES
from tachi.accounts.management.named import named_user
from tachi.admin.formatting import count_of
from tachi.commands import WRONG_USE

State = RevertBatch.State
MOVES = ("resume", "pause", "cancel", "restore")
NOTHING = (
    '{"batch": null, "state": "done", "imports": 0, "reverted": 0, "scores": 0, '
    '"kept": 0, "refused": []}'
)
CONFIRM = "do what a --dry-run --json with this fingerprint has shown, and nothing else"
WITHDRAW = "withdraw the classes that the imports provided, too"
RUN_AGAIN = "import once more what was sent, after the revert"


class Command(BaseCommand):
    help = (
        "Revert every completed import that matches all filters and ids that are "
        "given, player by player, the newest first. Without any, nothing is done. TIME "
        "is a date (its first moment) or a time, in UTC unless it has an offset, or "
        "now, today, yesterday, 2 hours ago. Exit codes: 0 done, 1 some failed, 2 "
        "badly asked or nothing matches, 130 interrupted (and can be resumed)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        selection.add_selection(parser)
        add = parser.add_argument
        add("--confirm", metavar="FINGERPRINT", help=CONFIRM)
        add("--no-preview", action="store_true", help="do not try it out first")
        add("--reason", default="", metavar="TEXT", help="what the players read")
        add("--by", metavar="NAME", help="who does it, for the record")
        add("--withdraw-classes", action="store_true", help=WITHDRAW)
        add("--run-again", action="store_true", help=RUN_AGAIN)
        playtypes = sorted({each for of in PLAYTYPES.values() for each in of})
        add("--as-playtype", metavar="P", choices=playtypes, help="as another playtype")
        add("--json", action="store_true", dest="as_json", help="print one JSON object")
        move = parser.add_mutually_exclusive_group().add_argument
        move("--batch", action="store_true", help="let workers do it, and watch them")
        move("--resume", metavar="BATCH", help="go on with a batch here")
        move("--pause", metavar="BATCH", help="stop a batch until it is resumed")
        move("--cancel", metavar="BATCH", help="end a batch; what is done stays")
        move("--restore", metavar="BATCH", help="bring back what a batch has reverted")

    def handle(self, *, by: str | None, reason: str, **options: Any) -> None:
        user = named_user(by) if by is not None else None
        requested_by = RequestedBy(user, Origin.COMMAND, reason)
        require_sense(options)
        for move in MOVES:
            if options[move] is not None:
                self.move(move, requested_by, options)
                return
        self.revert(requested_by, options)

    def revert(self, requested_by: RequestedBy, options: dict[str, Any]) -> None:
        """Revert what is selected, once it is certain that this is meant."""
        if options["confirm"] is not None:
            batch = drafts.as_shown(options["confirm"], options, requested_by)
            self.start(batch, requested_by, options)
            return
        dry_run, asks = options["dry_run"], selection.asks(options)
        seen = dry_run or (asks and not options["no_preview"])
        draft = drafts.drafted(options, requested_by, preview=seen)
        if draft is None:
            self.nothing_left(options)
        elif dry_run:
            self.show(draft, options)
        elif not asks or self.is_meant(draft, options):
            self.start(draft, requested_by, options)
        else:
            drafts.discard(draft)
            raise CommandError(f"Nothing was {WORDS.done}.")

    def nothing_left(self, options: dict[str, Any]) -> None:
        if not options["as_json"]:
            self.stdout.write(selection.nothing_left(WORDS))
        elif options["dry_run"]:
            drafts.show_as_json(None, self.stdout)
        else:
            self.stdout.write(NOTHING)

    def show(self, draft: RevertBatch, options: dict[str, Any]) -> None:
        """What would be done; as JSON it can be confirmed later, so the draft stays."""
        if options["as_json"]:
            drafts.show_as_json(draft, self.stdout)
            return
        drafts.show(draft, self.stdout, listed=None)
        imports = count_of(draft.imports, "import")
        self.stdout.write(f"{imports} would be {WORDS.done}.")
        drafts.discard(draft)

    def is_meant(self, draft: RevertBatch, options: dict[str, Any]) -> bool:
        as_json = options["as_json"]
        told = self.stderr if as_json else self.stdout
        drafts.show(draft, told, listed=selection.LISTED)
        return selection.is_confirmed(draft.imports, WORDS, on_stderr=as_json)

    def start(
        self, draft: RevertBatch, requested_by: RequestedBy, options: dict[str, Any]
    ) -> None:
        """Run a draft here, or have it run by workers, and tell what came of it."""
        with refusals():
            batch = control.confirm(
                draft, requested_by, draft.fingerprint or None, wake=options["batch"]
            )
        by_workers = options["batch"]
        running.finish(batch, requested_by, options, self.stdout, by_workers=by_workers)

    def move(
        self, move: str, requested_by: RequestedBy, options: dict[str, Any]
    ) -> None:
        """Resume, pause, cancel or restore a batch."""
        batch = batches.named_batch(options[move])
        if move == "restore":
            running.restore(batch, requested_by, options, self.stdout)
            return
        with refusals():
            if move == "pause":
                batch = control.pause(batch, requested_by)
            elif move == "cancel":
                batch = control.cancel(batch, requested_by)
            elif batch.state not in control.AT_WORK:  # it may have lost its command
                batch = control.resume(batch, requested_by, wake=False)
        if move == "resume":
            running.finish(batch, requested_by, options, self.stdout)
        else:
            batch = run.run_to_end(batch)  # until the import that runs is done
            batches.write(batch, self.stdout, as_json=options["as_json"])


def require_sense(options: dict[str, Any]) -> None:
    """Raise CommandError for options that make no sense together."""
    selects = options["import_ids"] or selection.filters_of(options)
    moves = [f"--{move}" for move in MOVES if options[move] is not None]
    if moves and (selects or options["confirm"] is not None):
        problem = f"{moves[0]} names a batch: give no ids, filters or --confirm."
    elif moves and options["dry_run"]:
        problem = f"{moves[0]} has no --dry-run."
    elif options["confirm"] is not None and options["dry_run"]:
        problem = "--confirm does what a --dry-run has shown: give one of them."
    elif options["confirm"] is not None and options["no_preview"]:
        problem = "--confirm compares previews: --no-preview makes none."
    elif options["dry_run"] and options["no_preview"]:
        problem = "--dry-run shows a preview: --no-preview makes none."
    elif options["as_playtype"] and not options["run_again"]:
        problem = "--as-playtype is for --run-again."
    else:
        return
    raise CommandError(problem, returncode=WRONG_USE)
