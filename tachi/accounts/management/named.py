"""The user whom a command names."""

from django.core.management.base import CommandError

from tachi.accounts.models import User
from tachi.commands import WRONG_USE


def named_user(name: str) -> User:
    """The user of that name, in any case. Raises CommandError for nobody."""
    user = User.objects.named(name)
    if user is None:
        raise CommandError(f"There is no user {name!r}.", returncode=WRONG_USE)
    return user
