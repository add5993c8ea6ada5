"""New passwords, with which a user's API tokens may end: sessions end by themselves."""

from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnForm
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tachi.accounts.models import User
from tachi.accounts.tokens import log_revoked, revoke
from tachi.admin.log import log_each
from tachi.moderation.log import Acting, Origin


class EndsTokens(forms.Form):
    """The offer. Off at first: a game in an arcade would fall silent."""

    end_tokens = forms.BooleanField(
        required=False,
        label="Revoke the API tokens as well",
        label_suffix="",
        help_text="For when somebody else may know the password. You are "
        "signed out everywhere else in any case; programs with a token go on until it "
        "is revoked.",
    )


def end_tokens(form: Any, user: User) -> None:
    """Revoke a user's tokens if the form says so; notes them for `log_ended_tokens`."""
    ended = revoke(user.tokens.live()) if form.cleaned_data["end_tokens"] else []
    user.ended_tokens = ended  # type: ignore[attr-defined]  # A note for the log.


def log_ended_tokens(request: HttpRequest, user: User) -> None:
    """Log the tokens that have ended with the user's password."""
    ended = getattr(user, "ended_tokens", ())
    text = "Revoked, together with a new password."
    log_each(request, [(token, text) for token in ended])
    by = cast(AbstractUser, request.user)
    log_revoked(ended, Acting(by, Origin.ADMIN, note=text))


class NewPasswordForm(EndsTokens, AdminPasswordChangeForm):
    """Of another user, for superusers."""

    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        end_tokens(self, user)
        return user


class OwnPasswordForm(EndsTokens, OwnForm):
    """Of one's own, with the old one."""

    field_order = ["old_password", "new_password1", "new_password2", "end_tokens"]

    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        end_tokens(self, user)
        return user


class OwnPasswordView(PasswordChangeView):
    """The page on which somebody in the admin changes his own password."""

    form_class = OwnPasswordForm
    template_name = "admin/own_password.html"

    @transaction.atomic
    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        log_each(self.request, [(form.user, "Changed his own password.")])
        log_ended_tokens(self.request, form.user)
        return response
