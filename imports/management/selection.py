"""How a command that changes many imports is told which, and asks before it does."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Collection
from typing import Any, NamedTuple

from django.core.management.base import CommandError, OutputWrapper

from imports.filters import BadFilter, ImportFilterSet, TextFilter, TimeFilter, option
from imports.models import Import, ImportQuerySet
from scores.copy_rows import chunks
from tachi.admin.formatting import count_of, in_one_line
from tachi.api.times import parse_time
from tachi.commands import WRONG_USE

LISTED = 20
#: Filters whose option takes several values at once; all others may be repeated.
SEVERAL = ("user", "importType")
#: What stands in the usage for a value of those that have many.
METAVARS = {"importType": "T", "game": "G", "playtype": "P"}
MOST_IN_USAGE = 3
#: Columns that may be large, and that no list of imports shows.
LARGE = ("context", "errors", "later_claims", "class_deltas", "problems")


class Words(NamedTuple):
    """What a command does, in words: "completed", "Revert", "reverted"."""

    which: str
    do: str
    done: str


def add_selection(parser: ArgumentParser) -> None:
    """Add ids, the filters, and whether to ask, or only to look."""
    add = parser.add_argument
    add("import_ids", nargs="*", metavar="ID")
    add_filters(parser)
    add("--dry-run", action="store_true", help="tell what would be, and change nothing")
    add("--no-input", action="store_false", dest="ask", help="do not ask first")


def add_filters(parser: ArgumentParser) -> None:
    """Add an option for each filter of imports; one that is not given is None."""
    group = parser.add_argument_group(
        "filters",
        "which narrow each other down; one that is given several values, or more than "
        "once, is for what matches any of them",
    )
    for name, declared in ImportFilterSet.base_filters.items():
        how = declared.extra.get("help_text")
        keywords: dict[str, Any] = {
            "dest": name,
            "action": "append",
            "help": f"{declared.label}: {how}" if how else declared.label,
        }
        if isinstance(declared, TextFilter):
            keywords["metavar"] = declared.metavar
        elif ImportFilterSet.is_flag(name):
            keywords |= {"action": "store_const", "const": ["yes"]}
        else:
            values = keywords["choices"] = ImportFilterSet.values(name)
            if len(values) > MOST_IN_USAGE:
                keywords["metavar"] = METAVARS[name]
                keywords["help"] += f": {', '.join(values)}"
        if name in SEVERAL:
            keywords |= {"action": "extend", "nargs": "+"}
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


def filters_of(options: dict[str, Any]) -> dict[str, str | list[str]]:
    """The filters that were given, as the API has them: a text, or a list of texts."""
    given = {
        name: options[name]
        for name in ImportFilterSet.base_filters
        if options[name] is not None
    }
    return {name: of[0] if len(of) == 1 else of for name, of in given.items()}


def selected(
    imports: ImportQuerySet,
    options: dict[str, Any],
    words: Words,
    stdout: OutputWrapper,
) -> list[Import]:
    """The imports that the options of `add_selection` select among these, with little
    of each in memory.

    They are listed, and somebody is asked where that is due. None with --dry-run, and
    when all that match are done with. Raises CommandError for no ids and
    no filters, for bad ones, when nothing at all matches, and for a no.
    """
    found = matching(imports, options, words)
    total = found.count()
    if not total:
        stdout.write(nothing_left(words))
        return []
    dry_run = options["dry_run"]
    describe(found, total, None if dry_run else LISTED, stdout)
    if dry_run:
        stdout.write(f"{count_of(total, 'import')} would be {words.done}.")
        return []
    if asks(options) and not is_confirmed(total, words):
        raise CommandError(f"Nothing was {words.done}.")
    return list(found.select_related("user", "token").defer(*LARGE))


def matching(
    imports: ImportQuerySet, options: dict[str, Any], words: Words
) -> ImportQuerySet:
    """Those of the imports that ids and filters select; they narrow each other down.

    There are none of them where all that match are done with already. Raises
    CommandError when nothing matches in whatever state, for an id that no import has,
    for a bad filter, and where nothing is named: all imports are never meant.
    """
    filters, import_ids = filters_of(options), options["import_ids"]
    if not (import_ids or filters):
        text = "Say which imports: give ids, or filters (see --help)."
        raise CommandError(text, returncode=WRONG_USE)
    try:
        at_all = _narrowed(Import.objects.all(), filters, import_ids)
        found = _narrowed(imports, filters, import_ids)
    except BadFilter as error:
        text = error.worded(option(error.name))
        raise CommandError(text, returncode=WRONG_USE) from error
    refuse_unknown(import_ids)
    if not at_all.exists():
        raise CommandError("No import matches.", returncode=WRONG_USE)
    return found


def _narrowed(
    imports: ImportQuerySet, filters: dict[str, Any], import_ids: Collection[str]
) -> ImportQuerySet:
    if import_ids:
        imports = imports.filter(import_id__in=import_ids)
    narrowed: ImportQuerySet = ImportFilterSet(filters, imports).qs
    return narrowed


def nothing_left(words: Words) -> str:
    """What is said where all that match are done with."""
    return f"No {words.which} import matches."


def describe(
    imports: ImportQuerySet, total: int, most: int | None, stdout: OutputWrapper
) -> None:
    """List the imports, a line each, `most` of them at most."""
    for import_ in imports.select_related("user").defer(*LARGE)[:most].iterator():
        at = import_.finished_at or import_.received_at
        imported = import_.counts.get("imported", 0)
        stdout.write(
            f"{import_}  {at:%Y-%m-%d %H:%M}  {import_.user}  {import_.import_type}"
            f"  {import_.game or import_.state}  {count_of(imported, 'score')}"
        )
    if most is not None and total > most:
        stdout.write(f"… and {total - most} more.")


def asks(options: dict[str, Any]) -> bool:
    """Whether somebody is to be asked: where filters alone select, unless --no-input
    says otherwise. Who names each import has said what is meant.
    """
    return bool(options["ask"] and not options["import_ids"])


def is_confirmed(total: int, words: Words, *, on_stderr: bool = False) -> bool:
    """Ask for a confirmation; False as well where there is nobody to ask."""
    question = f"{words.do} {count_of(total, 'import')}? [yes/no] "
    try:
        if on_stderr:  # stdout is for one JSON object
            sys.stderr.write(question)
            sys.stderr.flush()
            return input() == "yes"
        return input(question) == "yes"
    except (EOFError, KeyboardInterrupt):
        return False


def refuse_unknown(import_ids: Collection[str]) -> None:
    """Raise CommandError, before anything is changed, for ids that no import has."""
    unknown = set(import_ids)
    for some in chunks(import_ids):
        known = Import.objects.filter(import_id__in=some)
        unknown.difference_update(known.values_list("import_id", flat=True))
    if unknown:
        listed = in_one_line(", ".join(sorted(unknown)))
        text = f"There is no import {listed}. Nothing was changed."
        raise CommandError(text, returncode=WRONG_USE)
