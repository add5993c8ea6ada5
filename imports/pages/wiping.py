"""An owner wipes his profile in a game and playtype, with his password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from imports.batches import run
from imports.batches.busy import Patience
from imports.batches.wipe import told, wipe
from imports.pages.frame import page, signed_in
from scores.games import GAMES
from scores.models import GameStats
from tachi.accounts.authentication import user_of
from tachi.accounts.logins import require_password
from tachi.accounts.models import User
from tachi.api.envelope import Refused


class WipeForm(forms.Form):
    """Which profile, and the password."""

    profile = forms.ChoiceField()
    password = forms.CharField(strip=False, widget=forms.PasswordInput)

    def __init__(self, user: User, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        mine = GameStats.objects.filter(user=user).order_by("gpt")
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            (gpt, f"{GAMES[gpt].title} {gpt.partition(':')[2]}")
            for gpt in mine.values_list("gpt", flat=True)
            if gpt in GAMES
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def wipe_profile(request: HttpRequest) -> HttpResponse:
    """Asks which, and for the password; then the imports are reverted as a batch."""
    user, status = user_of(request), 200
    headers: dict[str, Any] = {}
    form = WipeForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            require_password(request, user, form.cleaned_data["password"])
        except Refused as refused:
            form.add_error("password", refused.text)
            status, headers = refused.status, refused.headers or {}
        else:
            return _wiped(request, user, form.cleaned_data["profile"])
    context = {"form": form, "restore_days": settings.RESTORE_DAYS}
    answer = page(request, "wipe.html", context, here="imports", status=status)
    for name, value in headers.items():
        answer[name] = str(value)
    return answer


def _wiped(request: HttpRequest, user: User, gpt: str) -> HttpResponse:
    wiped = wipe(user, gpt)
    if wiped.batch is not None and settings.IMPORT_INLINE:
        run.run_to_end(wiped.batch, Patience().look)
    messages.success(request, told(wiped))
    if wiped.batch is None:
        return HttpResponseRedirect(reverse("pages:wipe"))
    return HttpResponseRedirect(reverse("pages:batch", args=[wiped.batch.batch_id]))
