"""An owner's API tokens: made, shown once, revoked."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from imports.models import State
from imports.pages.frame import page, signed_in
from imports.pages.permissions import WORDS
from tachi.accounts.authentication import user_of
from tachi.accounts.models import ApiToken, Permission, User
from tachi.accounts.tokens import revoke
from tachi.moderation.log import Acting, Origin

ON_A_PAGE = 50


class NewToken(forms.Form):
    """A name, and what the token may do."""

    identifier = forms.CharField(
        label="Name",
        max_length=80,
        help_text="What it is for: “USC at home”, “my script”.",
    )
    permissions = forms.MultipleChoiceField(
        label="It may",
        choices=list(WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=[Permission.SUBMIT_SCORE],
        error_messages={"required": "Tick at least one: it could do nothing at all."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens; a new one is shown in the answer to its form, and never again."""
    user, form = user_of(request), NewToken(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        token, secret = ApiToken.objects.issue(
            user, said["permissions"], said["identifier"]
        )
        context = {"token": token, "secret": secret, "may": _may(token)}
        return page(request, "token_made.html", context, here="tokens")
    found = _counted(user).order_by("-revoked_at", "-pk")
    live = Paginator(found.filter(revoked_at=None), ON_A_PAGE)
    gone = found.exclude(revoked_at=None)
    shown = live.get_page(request.GET.get("page"))
    context = {
        "form": form if request.method == "POST" else NewToken(),
        "shown": shown,
        "rows": [(each, _may(each)) for each in shown],
        "revoked": gone[:ON_A_PAGE],
    }
    return page(request, "tokens.html", context, here="tokens")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once more, and revokes a token."""
    user = user_of(request)
    token = get_object_or_404(_counted(user).filter(revoked_at=None), pk=pk)
    if request.method == "POST":
        revoke(ApiToken.objects.filter(pk=token.pk), Acting(user, Origin.API))
        messages.success(request, f"{token} is revoked: nothing more comes in by it.")
        return HttpResponseRedirect(reverse("pages:tokens"))
    return page(request, "token_revoke.html", {"token": token}, here="tokens")


def _counted(user: User):  # type: ignore[no-untyped-def]  # with annotations
    """The user's tokens, with how many imports each sent, and when the last."""
    return ApiToken.objects.filter(user=user).annotate(
        sent=Count("import"),
        standing=Count("import", filter=Q(import__state=State.COMPLETED)),
        last_sent=Max("import__received_at"),
    )


def _may(token: ApiToken) -> list[str]:
    return [WORDS[name] for name in WORDS if name in token.permissions]
