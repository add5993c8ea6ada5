"""Whose imports somebody may revert in batches."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from imports.batches.refusals import NotAllowed
from imports.models import Origin, RequestedBy, RevertBatch
from tachi.accounts.groups import ADMINISTRATORS
from tachi.accounts.models import AuthLevel, User

MOST_NAMED = 10
#: Whose imports need an administrator.
STAFF = Q(auth_level__gte=AuthLevel.MODERATOR) | Q(is_staff=True) | Q(is_superuser=True)


def is_administrator(user: User) -> bool:
    """By the level, as a superuser, or as a member of the group."""
    if user.is_banned or not user.is_active:
        return False
    by_flag = user.is_admin or user.is_superuser
    return by_flag or user.groups.filter(name=ADMINISTRATORS).exists()


def require_right(requested_by: RequestedBy, players: Iterable[int]) -> None:
    """Raise NotAllowed where imports of staff are among these players', by user ids,
    and nobody but a moderator asks.

    Who has a shell on the machine is asked for no right, and nobody for what is his
    alone: he may revert it one by one, too.
    """
    if requested_by.origin == Origin.COMMAND:
        return
    user, players = requested_by.user, set(players)
    if user is not None and (players == {user.pk} or is_administrator(user)):
        return
    names = list(staff(players).values_list("username", flat=True)[: MOST_NAMED + 1])
    if names:
        listed = ", ".join(names[:MOST_NAMED])
        more = " and others" if len(names) > MOST_NAMED else ""
        raise NotAllowed(
            f"Imports of staff need an administrator: those of {listed}{more}."
        )


def require_right_to(requested_by: RequestedBy, batch: RevertBatch) -> None:
    """The same for the players of a batch."""
    ids = batch.players.exclude(user=None).values_list("user", flat=True)
    require_right(requested_by, ids)


def is_own(batch: RevertBatch, user: User) -> bool:
    """Whether this user has made the batch, of nobody's imports but his own."""
    is_made_by = batch.created_by_id == user.pk
    return is_made_by and not batch.players.exclude(user=user).exists()


def staff(players: Iterable[int]) -> QuerySet[User]:
    """Those of these users, by ids, who moderate, in the order of their names."""
    return User.objects.filter(STAFF, pk__in=players).order_by("username")
