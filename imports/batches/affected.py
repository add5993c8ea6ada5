"""Whom a batch is about: its players, and what each of them loses."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, IntegerField, Q, QuerySet, Sum
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Cast

from imports.models import BatchImport, BatchPlayer, RevertBatch
from imports.undo.words import named_classes

Outcome = BatchImport.State
LISTED = 3  # ratings and classes of a player
#: What is read of a player's preview, which is long: a number each.
NUMBERS = {
    "removed": "preview__scores__removed",
    "added": "preview__scores__added",
    "kept": "preview__scores__kept",
    "bests_removed": "preview__personalBests__removed",
    "bests_changed": "preview__personalBests__changed",
    "sessions_removed": "preview__sessions__removed",
    "sessions_changed": "preview__sessions__changed",
    "staying": "preview__classes__staying",
    "orphans": "preview__orphans",
}


class Follows(NamedTuple):
    """A rating, or a class, that changes with a player's scores."""

    what: str
    old: Any
    new: Any


class Affected(NamedTuple):
    """A player of a batch. `would` is what the preview shows, by the names of NUMBERS;
    empty where there is none. `scores` are what his imports really held.
    """

    pk: int
    position: int
    user_id: int | None
    name: str
    state: str
    verified: bool | None
    imports: int
    undone: int
    scores: int
    kept: int
    would: Mapping[str, int]
    follows: Sequence[Follows]
    more_follows: int


def players_of(batch: RevertBatch) -> QuerySet[BatchPlayer]:
    """The players of a batch in their order, without their previews."""
    return batch.players.defer("preview").order_by("position")


def affected(players: Sequence[BatchPlayer]) -> list[Affected]:
    """What becomes of these players; two statements, however many they are."""
    pks = [player.pk for player in players]
    counts = {
        each["player"]: each
        for each in BatchImport.objects.filter(player__in=pks)
        .values("player")
        .annotate(
            imports=Count("pk"),
            undone=Count("pk", filter=Q(state__in=(Outcome.REVERTED, "restored"))),
            scores=Sum("scores"),
            kept=Sum("kept"),
        )
    }
    numbers = {name: Cast(KT(path), IntegerField()) for name, path in NUMBERS.items()}
    shown = {
        each["pk"]: each
        for each in BatchPlayer.objects.filter(pk__in=pks, preview__isnull=False)
        .annotate(
            ratings=KeyTransform("profiles", "preview"),
            classes=KeyTransform("changed", KeyTransform("classes", "preview")),
            **numbers,
        )
        .values("pk", "ratings", "classes", *NUMBERS)
    }
    return [
        _affected(player, counts.get(player.pk, {}), shown.get(player.pk, {}))
        for player in players
    ]


def _affected(
    player: BatchPlayer, counts: Mapping[str, Any], shown: Mapping[str, Any]
) -> Affected:
    follows = _follows(shown)
    return Affected(
        pk=player.pk,
        position=player.position,
        user_id=player.user_id,
        name=player.name,
        state=player.state,
        verified=player.verified,
        imports=counts.get("imports", 0),
        undone=counts.get("undone", 0),
        scores=counts.get("scores") or 0,
        kept=counts.get("kept") or 0,
        would={name: shown.get(name) or 0 for name in NUMBERS} if shown else {},
        follows=follows[:LISTED],
        more_follows=len(follows[LISTED:]),
    )


def _follows(shown: Mapping[str, Any]) -> list[Follows]:
    found = [
        Follows(
            f"{each['game']} {each['playtype']} {each['set']}", *named_classes(each)
        )
        for each in shown.get("classes") or ()
    ]
    for each in shown.get("ratings") or ():
        what = f"{each['game']} {each['playtype']} {each['rating']}"
        found.append(Follows(what, each["old"], each["new"]))
    return found
