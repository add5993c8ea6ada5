"""Signing in and out."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from imports.pages.frame import frame
from tachi.accounts.login_forms import SignInForm


class SignInView(LoginView):
    """Asks for name and password; 429 when there were too many attempts.

    Then it leads to `next`, where that is of this site, and else to the first page.
    """

    form_class = SignInForm
    template_name = "pages/sign_in.html"
    next_page = "pages:home"

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.retry_after:
            response.status_code = 429
            response["Retry-After"] = str(form.retry_after)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), **frame(self.request)}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(reverse("pages:home"))
