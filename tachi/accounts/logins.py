"""Guessing passwords is slow: attempts to log in to the API or the admin are counted.

By address (`Aggressive`, which a view checks first), and by name, so that it is no use
to have many addresses. Who knows only a name cannot lock its user out where he has
logged in before. What is refused for its name does not count for its address: others
there may log in.
"""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from tachi.accounts.models import User, digest
from tachi.api.counters import shared
from tachi.api.envelope import Refused
from tachi.api.throttles import Aggressive, Limit

KNOWN_SECONDS = 30 * 24 * 3600  # how long it is known where somebody has logged in


class OfName(Limit):
    """Attempts with one name, whether there is such a user or not."""

    scope, requests, seconds = "login-name", 15, 3600
    is_told = False

    def __init__(self, name: str) -> None:
        self.key = digest(name.lower())

    def get_ident(self, request: Request | HttpRequest) -> str:
        return self.key

    def check_token(self, request: Request | HttpRequest) -> None:
        """Nobody has one yet."""


def count_name(request: Request | HttpRequest, name: str) -> None:
    """Count an attempt with a name, after the address; raises Refused (429)."""
    if not settings.RATE_LIMITS or shared.get(_place(request, name)):
        return
    try:
        OfName(name).check(request)
    except Refused:
        Aggressive().take_back(request)
        raise


def require_password(request: Request | HttpRequest, user: User, word: str) -> None:
    """Ask somebody who is logged in for his password once more.

    An attempt counts as one to log in does, for address, name and session: who finds a
    session open guesses no faster there. Raises Refused: 429, or 403 for a wrong one.
    """
    Aggressive().check(request)
    count_name(request, user.username)
    if not user.check_password(word):
        raise Refused(403, "Invalid password.")


def succeeded(request: Request | HttpRequest, name: str) -> None:
    """Note that somebody has logged in from here."""
    if settings.RATE_LIMITS:
        shared.set(_place(request, name), 1, KNOWN_SECONDS)


def _place(request: Request | HttpRequest, name: str) -> str:
    return f"login-place:{digest(name.lower())}:{Aggressive().get_ident(request)}"
