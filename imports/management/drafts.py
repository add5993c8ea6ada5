"""The draft that `revert_imports` makes of what it is told: shown, asked about, or
thrown away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from django.core.management.base import CommandError, OutputWrapper
from django.db import transaction
from django.db.models import QuerySet

from imports.batches import run
from imports.batches.draft import draft
from imports.batches.refusals import NotAllowed, NotDraftable, NotPossible
from imports.batches.selection import scores_of
from imports.filters import settled
from imports.management import selection
from imports.management.preview_lines import lines, without_lists
from imports.models import Import, Origin, RequestedBy, RevertBatch
from imports.undo.documents import together
from tachi.admin.formatting import count_of
from tachi.commands import INTERRUPTED, SOME_FAILED, WRONG_USE
from tachi.database import described

WORDS = selection.Words("completed", "Revert", "reverted")
NOT_SHOWN = (
    "Nothing was changed: this is not what would be done now. Look at it again with "
    "--dry-run --json."
)
NEVER_SHOWN = "Nothing was changed: no --dry-run --json has shown that."


def drafted(
    options: dict[str, Any], requested_by: RequestedBy, *, preview: bool
) -> RevertBatch | None:
    """A draft of what ids and filters select, with its preview where one is wanted.

    None where all that match are reverted already. Raises CommandError.
    """
    found = selection.matching(Import.objects.completed(), options, WORDS)
    if not found.exists():
        return None
    if options["import_ids"]:
        ids = list(found.values_list("import_id", flat=True))
        return _draft(options, requested_by, preview=preview, import_ids=ids)
    filters = settled(selection.filters_of(options))
    return _draft(options, requested_by, preview=preview, filters=filters)


def _draft(
    options: dict[str, Any], requested_by: RequestedBy, **what: Any
) -> RevertBatch:
    again = {"playtype": options["as_playtype"]} if options["run_again"] else None
    with refusals():
        batch = draft(
            requested_by,
            withdraw_classes=options["withdraw_classes"],
            run_again=again,
            **what,
        )
    if not batch.needs_preview:
        return batch
    try:
        batch = run.preview_to_end(batch)
    except KeyboardInterrupt:
        discard(batch)
        text = "Interrupted: nothing was changed."
        raise CommandError(text, returncode=INTERRUPTED) from None
    if batch.preview is None:
        discard(batch)
        raise CommandError(f"It could not be previewed. {batch.why_paused}".strip())
    return batch


def discard(batch: RevertBatch) -> None:
    """Delete a draft that nobody confirms."""
    drafts = RevertBatch.objects.filter(pk=batch.pk)
    with transaction.atomic():
        for each in drafts.select_for_update(no_key=True):
            if each.state in (RevertBatch.State.DRAFT, RevertBatch.State.CANCELLED):
                each.delete()


def as_shown(
    fingerprint: str, options: dict[str, Any], requested_by: RequestedBy
) -> RevertBatch:
    """The draft of exactly what a `--dry-run --json` with this fingerprint has shown.

    Where ids or filters are given, they have to select the same imports still; without
    any, they are those of the dry run. Raises CommandError where anything else would be
    done now.
    """
    shown = of_command(fingerprint).last()
    if shown is None:
        raise CommandError(NEVER_SHOWN, returncode=WRONG_USE)
    if options["import_ids"] or selection.filters_of(options):
        now = drafted(options, requested_by, preview=True)
    else:
        ids = list(shown.outcomes.values_list("import_id", flat=True))
        now = _draft(_with_its(shown, options), requested_by, import_ids=ids)
    same = now is not None and _is_the_same(now, shown)
    if now is not None:
        discard(now)  # it is what was shown that is done
    if not same:
        raise CommandError(NOT_SHOWN, returncode=WRONG_USE)
    return shown


def of_command(fingerprint: str) -> QuerySet[RevertBatch]:
    """The drafts of dry runs that have shown this."""
    drafts = RevertBatch.objects.filter(
        state=RevertBatch.State.DRAFT, origin=Origin.COMMAND
    )
    return drafts.filter(fingerprint=fingerprint).exclude(fingerprint="").order_by("pk")


def _with_its(shown: RevertBatch, options: dict[str, Any]) -> dict[str, Any]:
    """The options, with what was said with the dry run and need not be said again."""
    again = shown.run_again
    return {
        **options,
        "withdraw_classes": options["withdraw_classes"] or shown.withdraw_classes,
        "run_again": options["run_again"] or again is not None,
        "as_playtype": options["as_playtype"] or (again and again["playtype"]),
    }


def _is_the_same(now: RevertBatch, shown: RevertBatch) -> bool:
    """Whether the same would be done, with the same outcome.

    That it is done to the same imports is in the fingerprint.
    """
    what = [(each.withdraw_classes, each.run_again) for each in (now, shown)]
    return now.fingerprint == shown.fingerprint and what[0] == what[1]


def show(batch: RevertBatch, stdout: OutputWrapper, *, listed: int | None) -> None:
    """List a draft's imports, `listed` of them at most, and what it would change."""
    imports = Import.objects.filter(pk__in=batch.outcomes.values("of_import"))
    newest_first = imports.order_by("-finished_at", "-pk")
    selection.describe(newest_first, batch.imports, listed, stdout)
    if mixed := batch.outcomes.filter(other_playtypes=True).count():
        which = "hold" if mixed > 1 else "holds"
        stdout.write(f"{mixed} of them {which} scores of other playtypes, too.")
    for line in lines(batch.preview) if batch.preview else ():
        stdout.write(line)
    stdout.write(
        f"{count_of(batch.imports, 'import')} with "
        f"{count_of(scores_of(batch), 'score')} of "
        f"{count_of(batch.players.count(), 'player')}, in the database {described()}."
    )


def show_as_json(batch: RevertBatch | None, stdout: OutputWrapper) -> None:
    """Print a draft's preview, without its lists; that of nothing for None.

    The draft stays to be confirmed; those of earlier dry runs that showed the same go.
    """
    if batch is None or batch.preview is None:
        stdout.write(orjson.dumps(without_lists(together([]))).decode())
        return
    for earlier in of_command(batch.fingerprint).exclude(pk=batch.pk):
        discard(earlier)
    stdout.write(orjson.dumps(without_lists(batch.preview)).decode())


@contextmanager
def refusals() -> Iterator[None]:
    """What the verbs refuse, as a CommandError."""
    try:
        yield
    except NotDraftable as error:
        raise CommandError(error.text, returncode=WRONG_USE) from error
    except (NotAllowed, NotPossible) as error:
        raise CommandError(error.text, returncode=SOME_FAILED) from error
