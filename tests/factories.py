"""Things to test with: each function makes one, with defaults for what is not said."""

from itertools import count

from tachi.accounts.models import ApiToken, User

numbers = count(1)


def make_user(username: str = "", password: str = "", **fields) -> User:
    """A user; without a password unless one is given."""
    name = username or f"player_{next(numbers)}"
    return User.objects.create_user(name, password=password or None, **fields)


def make_token(user: User, *permissions: str) -> str:
    """A token's secret, as a client would send it."""
    _, secret = ApiToken.objects.issue(user, list(permissions))
    return secret
