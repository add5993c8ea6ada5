"""What is to be known of class claims that are reviewed, for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from imports.models import Revert, State
from scores.games import GAMES
from scores.models import ClassClaim, ClassReview

NAMED = 5  # imports that support a class, of all of them
#: Live claims of imports that are reverted, and that nobody has kept.
TO_REVIEW = Q(source_import__state=State.REVERTED, withdrawn_at=None, kept_at=None)
#: By what became of a claim: conditions, and what it is called.
STATES: dict[str, tuple[Q, str]] = {
    "review": (TO_REVIEW, "To review"),
    "kept": (Q(kept_at__isnull=False), "Kept"),
    "withdrawn": (Q(withdrawn_at__isnull=False), "Withdrawn"),
    "live": (Q(withdrawn_at=None), "In force, or below what is"),
    "reverted": (Q(source_import__state=State.REVERTED), "Of a reverted import"),
}


class Support(NamedTuple):
    """A completed import with a live claim on the class, or on a higher one."""

    pk: int
    import_id: str


class Review(NamedTuple):
    """A claim, as it is reviewed.

    `name` is the class's, `before` the class that the player would have in the set
    without the claim (None: none; and `before_name` its name), `supported` how many
    live claims of completed imports there are on that class or higher ones, `supports`
    the newest of their imports. `revert` is the one that is in force, `decided` the
    last decision.
    """

    claim: ClassClaim
    name: str
    before: str | None
    before_name: str | None
    supported: int
    supports: Sequence[Support]
    revert: Revert | None
    decided: ClassReview | None

    @property
    def state(self) -> str:
        """ "review", "kept", "withdrawn", or "live": of an import that is completed."""
        if self.claim.withdrawn_at is not None:
            return "withdrawn"
        if self.claim.kept_at is not None:
            return "kept"
        return "review" if self.revert else "live"


Key = tuple[int, str, str]  # player, game and playtype, class set


class _Live(NamedTuple):
    """Live claims on one value: how many, and how many of completed imports."""

    value: str
    all: int
    completed: int


def reviews(claims: Iterable[ClassClaim]) -> list[Review]:
    """The claims as they are reviewed, in their order; four statements."""
    claims = list(claims)
    live, supports = _live(claims), _supports(claims)
    reverts = _reverts(claims)
    decided = _decided(claims)
    return [
        _review(
            claim,
            live[_key(claim)],
            supports[_key(claim)],
            reverts.get(claim.source_import_id or 0),
            decided.get(claim.pk),
        )
        for claim in claims
    ]


def named_with_set(claim: ClassClaim) -> str:
    """ "7th Dan (dan, iidx SP)"."""
    gpt = claim.gpt.replace(":", " ")
    return f"{claim.name} ({claim.class_set}, {gpt})"


def _key(claim: ClassClaim) -> Key:
    return claim.user_id, claim.gpt, claim.class_set


def _review(
    claim: ClassClaim,
    live: list[_Live],
    supports: list[tuple[str, Support]],
    revert: Revert | None,
    decided: ClassReview | None,
) -> Review:
    own = claim.withdrawn_at is None
    # Whether the claim itself is among those of completed imports.
    own_supports = own and claim.source_import_id is not None and revert is None
    others = [each for each in live if each.all > (own and each.value == claim.value)]
    before = max((each.value for each in others), key=_place(claim), default=None)
    up_to_it = [each for each in live if _at_least(claim, each.value)]
    return Review(
        claim,
        claim.name,
        before,
        None if before is None else claim.name_of(before),
        sum(each.completed for each in up_to_it) - own_supports,
        sorted(
            (
                support
                for value, support in supports
                if _at_least(claim, value) and support.pk != claim.source_import_id
            ),
            reverse=True,
        )[:NAMED],
        revert,
        decided,
    )


def _place(claim: ClassClaim) -> Any:
    """By which values of the claim's set are compared: unknown ones are lowest."""
    game = GAMES.get(claim.gpt)
    classes = game.classes.get(claim.class_set) if game else None

    def place(value: str) -> int:
        found = classes.index(value) if classes else None
        return -1 if found is None else found

    return place


def _at_least(claim: ClassClaim, value: str) -> bool:
    place = _place(claim)
    return bool(value == claim.value or place(value) > place(claim.value))


def _of_the_same_sets(claims: Sequence[ClassClaim]) -> QuerySet[ClassClaim]:
    """Live claims on classes of the same players and sets, and on some others."""
    return ClassClaim.objects.filter(
        user__in={claim.user_id for claim in claims},
        gpt__in={claim.gpt for claim in claims},
        class_set__in={claim.class_set for claim in claims},
        withdrawn_at=None,
    )


def _live(claims: Sequence[ClassClaim]) -> dict[Key, list[_Live]]:
    found: dict[Key, list[_Live]] = defaultdict(list)
    counted = (
        _of_the_same_sets(claims)
        .values_list("user", "gpt", "class_set", "value")
        .annotate(
            all=Count("pk"),
            completed=Count("pk", filter=Q(source_import__state=State.COMPLETED)),
        )
        .order_by()
    )
    for user, gpt, class_set, *row in counted:
        found[user, gpt, class_set].append(_Live(*row))
    return found


def _supports(claims: Sequence[ClassClaim]) -> dict[Key, list[tuple[str, Support]]]:
    """The newest completed imports with a live claim, by its value: NAMED and one."""
    found: dict[Key, list[tuple[str, Support]]] = defaultdict(list)
    newest_first = Window(
        RowNumber(),
        partition_by=[F("user"), F("gpt"), F("class_set"), F("value")],
        order_by=F("source_import").desc(),
    )
    rows = (
        _of_the_same_sets(claims)
        .filter(source_import__state=State.COMPLETED)
        .annotate(number=newest_first)
        .filter(number__lte=NAMED + 1)  # the claim's own may be among them
        .values_list(
            "user",
            "gpt",
            "class_set",
            "value",
            "source_import",
            "source_import__import_id",
        )
    )
    for user, gpt, class_set, value, pk, import_id in rows:
        found[user, gpt, class_set].append((value, Support(pk, import_id)))
    return found


def _reverts(claims: Sequence[ClassClaim]) -> dict[int, Revert]:
    """The reverts in force, by import."""
    imports = {claim.source_import_id for claim in claims}
    reverts = Revert.objects.filter(of_import__in=imports, restored_at=None)
    found = reverts.select_related("reverted_by").defer("snapshot")
    return {revert.of_import_id: revert for revert in found}


def _decided(claims: Sequence[ClassClaim]) -> dict[int, ClassReview]:
    """The last decision of each claim that there is one of."""
    decisions = ClassReview.objects.filter(claim__in=[claim.pk for claim in claims])
    return {each.claim_id: each for each in decisions.order_by("pk")}
