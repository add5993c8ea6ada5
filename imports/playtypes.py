"""Which playtypes an import is of.

It is of those of the scores that it holds: scores that it owns, and scores that it sent
too and an earlier import owns. One that holds none (its rows were orphans or rejected,
or it declared a class only, or it is reverted) is of the playtype that its document
names; where a document names none, of those of the classes that it provided, of what
its orphans say, or of the only one that its game has. Of an import that is not written
yet, or failed, only the last is known.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import BigIntegerField, Exists, Func, OuterRef, Q

from imports.models import Import, ImportQuerySet, Orphan, State
from scores.games import GAMES, PLAYTYPES
from scores.models import ClassClaim, Score

#: Those that hold something, or did.
WITH_SEQUENCE = (State.COMPLETED, State.REVERTED)


class _Keys(Func):
    """The keys of a JSON object, which are primary keys, as rows."""

    output_field = BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT jsonb_object_keys(%(expressions)s)::bigint)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT CAST(key AS INTEGER) FROM json_each(%(expressions)s))"
        return self.as_sql(compiler, connection, template=template, **context)


def of_playtype(playtype: str) -> Q:
    """What an import has to be to be of the playtype, of any game."""
    gpts = _gpts(playtype)
    only = [game for game, each in PLAYTYPES.items() if each == (playtype,)]
    classes = ClassClaim.objects.filter(source_import=OuterRef("pk"), gpt__in=gpts)
    orphans = Orphan.objects.filter(
        source_import=OuterRef("pk"), data__playtype=playtype
    )
    holds_none = Q(later_claims={}) & ~_owns(Q())
    unnamed = ~Q(context__has_key="playtype")
    told = Q(game__in=only) | Q(Exists(classes)) | Q(Exists(orphans))
    of_document = Q(context__playtype=playtype) | (unnamed & told)
    return _holds(Q(gpt__in=gpts)) | (holds_none & of_document)


def playtypes_of(imports: Sequence[Import]) -> dict[int, list[str]]:
    """The playtypes of imports, by their primary key, as `of_playtype` selects them.

    One statement for all those whose document or game does not say it.
    """
    known = {each.pk: _said(each) for each in imports}
    asked = [
        each for each in imports if not known[each.pk] and each.state in WITH_SEQUENCE
    ]
    games = {each.game for each in asked}
    wanted = sorted({of for game in games for of in PLAYTYPES.get(game, ())})
    if not wanted:
        return known
    conditions = {f"is_{place}": of_playtype(of) for place, of in enumerate(wanted)}
    rows = Import.objects.filter(pk__in=[each.pk for each in asked]).order_by()
    for pk, *found in rows.annotate(**conditions).values_list("pk", *conditions):
        known[pk] = [of for of, is_of in zip(wanted, found, strict=True) if is_of]
    return known


def mixed(imports: ImportQuerySet, *playtypes: str) -> ImportQuerySet:
    """Those of the imports that hold scores of these playtypes and of others, too."""
    gpts = [gpt for playtype in playtypes for gpt in _gpts(playtype)]
    return imports.filter(_holds(Q(gpt__in=gpts)) & _holds(~Q(gpt__in=gpts)))


def of_others(playtype: str) -> Q:
    """What an import has to be to hold something of other playtypes than this one:
    scores, rows that say so and wait as orphans, classes that it provided.
    """
    gpts = _gpts(playtype)
    provided = ClassClaim.objects.filter(source_import=OuterRef("pk"))
    waiting = Orphan.objects.filter(
        source_import=OuterRef("pk"), data__has_key="playtype"
    )
    return (
        _holds(~Q(gpt__in=gpts))
        | Q(Exists(provided.exclude(gpt__in=gpts)))
        | Q(Exists(waiting.exclude(data__playtype=playtype)))
    )


def _said(import_: Import) -> list[str]:
    """What an import's document says, or the only playtype that its game has."""
    of_document = import_.context.get("playtype")
    of_game = PLAYTYPES.get(import_.game, ())
    if of_document in of_game:
        return [of_document]
    return list(of_game) if len(of_game) == 1 else []


def _gpts(playtype: str) -> list[str]:
    return [gpt for gpt, game in GAMES.items() if game.playtype == playtype]


def _holds(which: Q) -> Q:
    """Whether an import owns such scores, or has a later claim on some."""
    claimed = Score.objects.filter(which, pk__in=_Keys(OuterRef("later_claims")))
    return _owns(which) | (~Q(later_claims={}) & Q(Exists(claimed)))


def _owns(which: Q) -> Q:
    return Q(Exists(Score.objects.filter(which, source_import=OuterRef("pk"))))
