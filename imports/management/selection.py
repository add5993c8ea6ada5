"""How a command that changes many imports is told which, and asks before it does."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.core.management.base import CommandError, OutputWrapper

from imports.filters import BadFilter, ImportFilterSet, TextFilter, TimeFilter, option
from imports.models import Import, ImportQuerySet
from tachi.admin.formatting import count_of
from tachi.api.times import parse_time
from tachi.commands import WRONG_USE

LISTED = 20


class Words(NamedTuple):
    """What a command does, in words: "completed", "Revert", "reverted"."""

    which: str
    do: str
    done: str


def add_selection(parser: ArgumentParser) -> None:
    """Add ids, the filters, and whether to ask, or only to look."""
    add = parser.add_argument
    add("import_ids", nargs="*", metavar="IMPORT_ID")
    add_filters(parser)
    add("--dry-run", action="store_true", help="list them and change nothing")
    add("--no-input", action="store_false", dest="ask", help="do not ask first")


def add_filters(parser: ArgumentParser) -> None:
    """Add an option for each filter of imports; one that is not given is None."""
    group = parser.add_argument_group("filters", "which narrow each other down")
    for name, declared in ImportFilterSet.base_filters.items():
        how = declared.extra.get("help_text")
        keywords: dict[str, Any] = {
            "dest": name,
            "help": f"{declared.label}: {how}" if how else declared.label,
        }
        if isinstance(declared, TextFilter):
            keywords["metavar"] = declared.metavar
        elif ImportFilterSet.is_flag(name):
            keywords |= {"action": "store_const", "const": "yes"}
        else:
            keywords["choices"] = ImportFilterSet.values(name)
        if isinstance(declared, TimeFilter):
            keywords["type"] = time_text
        group.add_argument(option(name), **keywords)


def time_text(text: str) -> str:
    """The text of a time, unless it is none: then argparse says which option it was."""
    try:
        parse_time(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def selected(
    imports: ImportQuerySet,
    options: dict[str, Any],
    words: Words,
    stdout: OutputWrapper,
) -> list[Import]:
    """The imports that the options of `add_selection` select among these.

    They are listed. Where filters alone select them, somebody is asked, unless
    --no-input says otherwise; who names each import has said what is meant. None with
    --dry-run, and when nothing matches. Raises CommandError for no ids and no filters,
    for bad ones, and for a no.
    """
    found = _matching(imports, options)
    if not found:
        stdout.write(f"No {words.which} import matches.")
        return []
    count = count_of(len(found), "import")
    dry_run = options["dry_run"]
    _describe(found if dry_run else found[:LISTED], len(found), stdout)
    if dry_run:
        stdout.write(f"{count} would be {words.done}.")
        return []
    ask = options["ask"] and not options["import_ids"]
    if ask and not _confirmed(f"{words.do} {count}?"):
        raise CommandError(f"Nothing was {words.done}.")
    return found


def _matching(imports: ImportQuerySet, options: dict[str, Any]) -> list[Import]:
    given = {
        name: options[name]
        for name in ImportFilterSet.base_filters
        if options[name] is not None
    }
    if not (options["import_ids"] or given):
        text = "Say which imports: give ids, or filters (see --help)."
        raise CommandError(text, returncode=WRONG_USE)
    try:
        imports = ImportFilterSet(given, imports).qs
    except BadFilter as error:
        text = error.worded(option(error.name))
        raise CommandError(text, returncode=WRONG_USE) from error
    if options["import_ids"]:
        refuse_unknown(options["import_ids"])
        imports = imports.filter(import_id__in=options["import_ids"])
    return list(
        imports.select_related("user", "token").defer(
            "errors", "later_claims", "class_deltas", "problems"
        )
    )


def _describe(shown: Sequence[Import], total: int, stdout: OutputWrapper) -> None:
    for import_ in shown:
        at = import_.finished_at or import_.received_at
        imported = import_.counts.get("imported", 0)
        stdout.write(
            f"{import_}  {at:%Y-%m-%d %H:%M}  {import_.user}  {import_.import_type}"
            f"  {import_.game or import_.state}  {imported} scores"
        )
    if total > len(shown):
        stdout.write(f"… and {total - len(shown)} more.")


def _confirmed(question: str) -> bool:
    """Ask for a confirmation; False as well where there is nobody to ask."""
    try:
        return input(f"{question} [yes/no] ") == "yes"
    except (EOFError, KeyboardInterrupt):
        return False


def refuse_unknown(import_ids: Collection[str]) -> None:
    """Raise CommandError, before anything is changed, for ids that no import has."""
    known = Import.objects.filter(import_id__in=import_ids)
    unknown = set(import_ids) - set(known.values_list("import_id", flat=True))
    if unknown:
        listed = ", ".join(sorted(unknown))
        text = f"There is no import {listed}. Nothing was changed."
        raise CommandError(text, returncode=WRONG_USE)
