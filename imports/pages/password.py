"""The page on which an owner changes his password."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from imports.pages.frame import frame, signed_in
from tachi.accounts import logins
from tachi.accounts.authentication import user_of
from tachi.accounts.login_forms import too_many
from tachi.accounts.passwords import OwnPasswordForm, OwnPasswordView
from tachi.api.envelope import Refused
from tachi.api.throttles import Aggressive

CHANGED = "Your password is changed. Wherever else you were signed in, you are not now."


@method_decorator(signed_in, name="dispatch")  # type: ignore[arg-type]
class PasswordView(OwnPasswordView):
    """The old password, and twice the new one. Attempts count as those to sign in."""

    template_name = "pages/password.html"
    success_url = reverse_lazy("pages:password")

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        try:
            Aggressive().check(request)
            logins.count_name(request, user_of(request).username)
        except Refused:
            return self.not_now(request)
        return super().post(request, *args, **kwargs)

    def not_now(self, request: HttpRequest) -> HttpResponse:
        """The page, with nothing but when to try again."""
        seconds, text = too_many(request)
        form = self.form_class(user_of(request))
        response = self.render_to_response(
            self.get_context_data(form=form, too_many=text), status=429
        )
        response["Retry-After"] = str(seconds)
        return response

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        messages.success(self.request, CHANGED)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), **frame(self.request)}
