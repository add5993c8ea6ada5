"""Where users are logged in."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as Login

from tachi.accounts.models import User

FOUND_AT_ONCE = 500


def end_sessions(user: User) -> int:
    """Log a user out everywhere; returns in how many places that was.

    All sessions are read: only inside does one say whose it is.
    """
    mine = [
        login.session_key
        for login in Login.objects.iterator(FOUND_AT_ONCE)
        if login.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    for start in range(0, len(mine), FOUND_AT_ONCE):
        some = mine[start : start + FOUND_AT_ONCE]
        Login.objects.filter(session_key__in=some).delete()
    return len(mine)
