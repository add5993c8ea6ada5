"""Who is banned by whom."""

from django.db import transaction
from django.db.models import QuerySet

from tachi.accounts.models import AuthLevel, User
from tachi.moderation.log import Acting, Verb, about_user, record_each


def ban(users: QuerySet[User], by: Acting) -> list[User]:
    """Ban users, and log it; returns those who were not banned before.

    Nobody bans themselves, or an administrator: a superuser takes that level from him
    first. A superuser is banned by superusers only.
    """
    players = _governed(users, by).exclude(auth_level=AuthLevel.ADMIN)
    unbanned = players.exclude(auth_level=AuthLevel.BANNED)
    return _set(unbanned, AuthLevel.BANNED, by, Verb.BAN)


def unban(users: QuerySet[User], by: Acting) -> list[User]:
    """Make players of banned users; returns them. Only superusers free superusers.

    Others stay as they are.
    """
    banned = _governed(users, by).filter(auth_level=AuthLevel.BANNED)
    return _set(banned, AuthLevel.USER, by, Verb.LIFT_BAN)


def _governed(users: QuerySet[User], by: Acting) -> QuerySet[User]:
    if by.user is None:  # who is at the shell governs everybody
        return users
    others = users.exclude(pk=by.user.pk)
    return others if by.user.is_superuser else others.exclude(is_superuser=True)


def _set(users: QuerySet[User], level: AuthLevel, by: Acting, verb: Verb) -> list[User]:
    with transaction.atomic():
        found = list(users.order_by("pk").select_for_update(no_key=True))
        rows = User.objects.filter(pk__in=[each.pk for each in found])
        rows.update(auth_level=level)
        record_each(by, [about_user(verb, user) for user in found])
    return found
