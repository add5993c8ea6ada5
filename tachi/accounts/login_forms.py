"""Forms that ask for name and password, and count attempts as the API's login does."""

from datetime import UTC, datetime
from math import ceil
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from tachi.accounts import logins
from tachi.accounts.models import User
from tachi.api.envelope import Refused
from tachi.api.requests import api_request
from tachi.api.throttles import Aggressive, seconds_until


class CountedForm(AuthenticationForm):
    """Counts attempts; every failure has the same words, a ban among them.

    `retry_after` is how many seconds to wait after too many: the view makes it a 429.
    """

    retry_after: int | None = None

    def clean(self) -> dict[str, Any]:
        request, name = self.request, self.data.get("username", "")
        assert request is not None  # The login's view gives it.
        try:
            Aggressive().check(request)
            logins.count_name(request, name)
        except Refused:
            raise self.not_now(request) from None
        cleaned = super().clean()
        logins.succeeded(request, name)
        return cleaned

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.is_banned:
            raise self.get_invalid_login_error()

    def not_now(self, request: HttpRequest) -> ValidationError:
        """The error that says when to try again."""
        self.retry_after, text = too_many(request)
        return ValidationError(text, code="too_many")


class LoginForm(CountedForm, AdminAuthenticationForm):
    """Of the admin: for staff."""


class SignInForm(CountedForm):
    """Of the owners' pages: for every user."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This name and this password do not let you in. Check both: "
        "of the password, large and small letters matter.",
    }


def too_many(request: HttpRequest) -> tuple[int, str]:
    """After a refused attempt: the seconds until the next, and a sentence of it."""
    again = api_request(request).rate_limit["X-RateLimit-Reset"]
    seconds = seconds_until(again)
    minutes = ceil(seconds / 60)
    text = (
        "There were too many attempts to log in. Try again in "
        f"{minutes} minute{'s' * (minutes > 1)}, "
        f"at {datetime.fromtimestamp(again, UTC):%H:%M} UTC."
    )
    return seconds, text
