"""The site of the admin: who gets in, for how long, and what he is shown."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from math import ceil
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from tachi.accounts import logins
from tachi.accounts.authentication import LOGGED_IN_AT
from tachi.accounts.models import User
from tachi.accounts.passwords import OwnPasswordView
from tachi.admin.looking import looking
from tachi.api.envelope import Refused
from tachi.api.requests import api_request
from tachi.api.throttles import Aggressive, seconds_until

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class LoginForm(AdminAuthenticationForm):
    """Counts attempts as the API's login does; every failure has the same words."""

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
        """The error that says when to try again; `Site.login` makes it a 429."""
        again = api_request(request).rate_limit["X-RateLimit-Reset"]
        self.retry_after = seconds_until(again)
        minutes = ceil(self.retry_after / 60)
        text = (
            "There were too many attempts to log in. Try again in "
            f"{minutes} minute{'s' * (minutes > 1)}, "
            f"at {datetime.fromtimestamp(again, UTC):%H:%M} UTC."
        )
        return ValidationError(text, code="too_many")


class Site(admin.AdminSite):
    """Staff get in for ADMIN_SESSION_HOURS after they have given their password."""

    login_form = LoginForm
    enable_nav_sidebar = False  # lists need the room
    index_title = "Overview"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_fresh(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A page for who is not banned, with links that he may follow.

        It is rendered here, while it is known who is looking.
        """

        @wraps(view)
        def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_banned(request) and view != self.logout:
                raise PermissionDenied
            with looking(request):
                response = view(request, *args, **kwargs)
                render = getattr(response, "render", None)
                return render() if render else response

        return cast(View, super().admin_view(seen, cacheable))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for name and password; 429 when there were too many attempts."""
        context = extra_context or {}
        if super().has_permission(request) and not is_fresh(request):
            # Not "you are not authorized": the right password is all that it takes.
            context = {**context, "user": AnonymousUser()}
            if request.method == "GET":
                hours = f"{settings.ADMIN_SESSION_HOURS:g}"
                text = f"The admin asks for your password every {hours} hours."
                messages.info(request, text)
        response = super().login(request, context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if again := getattr(form, "retry_after", None):
            response.status_code = 429
            response["Retry-After"] = again
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast(TemplateResponse, view(request))

    def get_log_entries(self, request: HttpRequest) -> Any:
        """Of the entries on the first page, those that lead where one may go."""
        seen = Q(pk=None)
        for model, pages in self._registry.items():
            if pages.has_view_permission(request):
                of = model._meta
                seen |= Q(
                    content_type__app_label=of.app_label,
                    content_type__model=of.model_name,
                )
        return super().get_log_entries(request).filter(seen)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was given within ADMIN_SESSION_HOURS, here or to the API."""
    age = time.time() - request.session.get(LOGGED_IN_AT, 0)
    return age < settings.ADMIN_SESSION_HOURS * 3600


def is_banned(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_banned
