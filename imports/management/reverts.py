"""Which reverts `restore_imports` undoes: by import, batch, who, when and why."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from imports.filters import TIME_HELP
from imports.management.batches import named_batch
from imports.management.selection import refuse_unknown, time_text
from imports.models import Revert
from tachi.accounts.management.named import named_user
from tachi.api.times import parse_time
from tachi.commands import WRONG_USE

#: Options that select, beside ids.
FILTERS = ("batch", "reverted_by", "since", "until", "reason")


def add_reverts(parser: ArgumentParser) -> None:
    """Add ids and the filters of reverts; one that is not given is None."""
    parser.add_argument("import_ids", nargs="*", metavar="ID")
    add = parser.add_argument_group(
        "filters", "of reverts, which narrow each other down"
    ).add_argument
    add("--batch", metavar="BATCH", help="what this batch has reverted")
    add("--reverted-by", metavar="NAME", help="what this user has reverted")
    for name, words in (("since", "then or later"), ("until", "before")):
        how = f"what was reverted {words}: {TIME_HELP}"
        add(f"--{name}", metavar="TIME", type=time_text, help=how)
    add("--reason", metavar="TEXT", help="part of the reason that was given")


def selected(options: dict[str, Any]) -> QuerySet[Revert]:
    """The reverts in force that ids and filters select, the oldest import first.

    There are none of them where all that match were restored already. Raises
    CommandError where nothing is named, for what is named and is not there or empty,
    and when no revert at all matches.
    """
    import_ids = options["import_ids"]
    given = {name: options[name] for name in FILTERS if options[name] is not None}
    if not (import_ids or given):
        raise _badly("Say which imports: give ids, or filters (see --help).")
    for name, value in given.items():
        if not value:
            raise _badly(f"--{name.replace('_', '-')} is empty.")
    refuse_unknown(import_ids)
    reverts = Revert.objects.filter(**_conditions(given))
    if import_ids:
        reverts = reverts.filter(of_import__import_id__in=import_ids)
    in_force = reverts.filter(restored_at=None, of_import__state="reverted")
    # An import that was named and is there needs no revert: there is nothing to do.
    if given and not reverts.exists():
        raise _badly("No revert matches.")
    return in_force.order_by("of_import__finished_at", "of_import")


def _conditions(given: dict[str, str]) -> dict[str, Any]:
    readers = {
        "batch": ("batch", named_batch),
        "reverted_by": ("reverted_by", named_user),
        "since": ("reverted_at__gte", parse_time),
        "until": ("reverted_at__lt", parse_time),
        "reason": ("reason__icontains", str),
    }
    found: dict[str, Any] = {}
    for name, text in given.items():
        lookup, read = readers[name]
        found[lookup] = read(text)  # type: ignore[operator]
    return found


def _badly(text: str) -> CommandError:
    return CommandError(text, returncode=WRONG_USE)
