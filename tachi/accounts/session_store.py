"""Where sessions are kept: in the database."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Stored


class SessionStore(Stored):
    """Django's, which asks the database for whatever a cookie holds, NULs, too.

    It has the same name, with which its contents are signed.
    """

    def _validate_session_key(self, key: Any) -> bool:
        """Ours are letters and digits: with anything else nobody is signed in."""
        is_one = super()._validate_session_key(key)  # type: ignore[misc]
        return bool(is_one) and key.isalnum()
