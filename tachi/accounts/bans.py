"""Who is banned by whom."""

from django.db.models import QuerySet

from tachi.accounts.models import AuthLevel, User


def ban(users: QuerySet[User], by: User) -> int:
    """Ban users; returns how many were not banned before.

    Nobody bans themselves, or an administrator: a superuser takes that level from him
    first. A superuser is banned by superusers only.
    """
    players = _governed(users, by).exclude(auth_level=AuthLevel.ADMIN)
    free = players.exclude(auth_level=AuthLevel.BANNED)
    return free.update(auth_level=AuthLevel.BANNED)


def unban(users: QuerySet[User], by: User) -> int:
    """Make players of banned users; returns how many. Only superusers free superusers.

    Others stay as they are.
    """
    banned = _governed(users, by).filter(auth_level=AuthLevel.BANNED)
    return banned.update(auth_level=AuthLevel.USER)


def _governed(users: QuerySet[User], by: User) -> QuerySet[User]:
    others = users.exclude(pk=by.pk)
    return others if by.is_superuser else others.exclude(is_superuser=True)
