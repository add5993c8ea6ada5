"""Who is banned by whom."""

from django.db import transaction
from django.db.models import QuerySet

from tachi.accounts.models import AuthLevel, User


def ban(users: QuerySet[User], by: User) -> list[User]:
    """Ban users; returns those who were not banned before.

    Nobody bans themselves, or an administrator: a superuser takes that level from him
    first. A superuser is banned by superusers only.
    """
    players = _governed(users, by).exclude(auth_level=AuthLevel.ADMIN)
    return _set(players.exclude(auth_level=AuthLevel.BANNED), AuthLevel.BANNED)


def unban(users: QuerySet[User], by: User) -> list[User]:
    """Make players of banned users; returns them. Only superusers free superusers.

    Others stay as they are.
    """
    banned = _governed(users, by).filter(auth_level=AuthLevel.BANNED)
    return _set(banned, AuthLevel.USER)


def _governed(users: QuerySet[User], by: User) -> QuerySet[User]:
    others = users.exclude(pk=by.pk)
    return others if by.is_superuser else others.exclude(is_superuser=True)


def _set(users: QuerySet[User], level: AuthLevel) -> list[User]:
    with transaction.atomic():
        found = list(users.order_by("pk").select_for_update(no_key=True))
        rows = User.objects.filter(pk__in=[each.pk for each in found])
        rows.update(auth_level=level)
    return found
