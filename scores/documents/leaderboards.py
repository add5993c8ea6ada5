"""Players of a game by a rating, and bests of all players by a rating.

No table is kept in this order: ratings of profiles are those of as many rows as there
are players, and of bests the few that can be meant are found by an index of each.
"""

from typing import Any

from django.db.models import F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, NullIf

from scores.models import GameStats, PersonalBest


def by_rating(gpt: str, rating: str) -> QuerySet[Any]:
    """All players of the game, best first, and who has no such rating last.

    Of equals, who came first. `rated` is the rating.
    """
    # SQLite reads a null in JSON as the text "null".
    value = Cast(NullIf(KT(f"ratings__{rating}"), Value("null")), FloatField())
    players = GameStats.objects.filter(gpt=gpt).annotate(rated=value)
    return players.order_by(F("rated").desc(nulls_last=True), "user")


def neighbours(
    stats: GameStats, rating: str, size: int = 5
) -> tuple[list[GameStats], list[GameStats]]:
    """The players nearest above, and those nearest below, each best first.

    Equals are below, so that who is above is who counts for the player's rank.
    """
    players = by_rating(stats.gpt, rating).exclude(user=stats.user_id)
    own = stats.ratings.get(rating)
    if own is None:
        ahead, behind = Q(rated__isnull=False), Q(rated=None)
    else:
        ahead, behind = Q(rated__gt=own), Q(rated__lte=own) | Q(rated=None)
    nearest = players.filter(ahead).order_by("rated", "-user")[:size]
    return list(nearest)[::-1], list(players.filter(behind)[:size])


def best_of_all(gpt: str, position: int, most: int) -> QuerySet[PersonalBest]:
    """The best of all players' bests, by their rating in this position (from 1 on).

    No more than `most` players can have one of them, those whose own best is best: so
    only theirs are looked at, which an index has in order.
    """
    rating = f"rating_{position}"
    own: QuerySet[Any] = PersonalBest.objects.filter(
        user=OuterRef("user"), gpt=gpt, **{f"{rating}__isnull": False}
    ).order_by(f"-{rating}")
    players = GameStats.objects.filter(gpt=gpt).annotate(
        best=Subquery(own.values(rating)[:1])
    )
    tops = players.filter(best__isnull=False).order_by("-best", "user")
    rows = list(tops.values_list("user", "best")[:most])
    bests = PersonalBest.objects.filter(
        gpt=gpt, user__in=[user for user, _ in rows], **{f"{rating}__isnull": False}
    )
    if len(rows) == most:
        bests = bests.filter(**{f"{rating}__gte": rows[-1][1]})
    return bests.order_by(f"-{rating}", "user", "chart")[:most]
