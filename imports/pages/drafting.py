"""Reverting several imports of one's own: which, and what goes with them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from imports.batches.own import draft_own
from imports.batches.refusals import NotAllowed, NotDraftable
from imports.filters import TIME_HELP, BadFilter
from imports.formats import FORMATS
from imports.models import Import, Origin, RequestedBy, RevertBatch
from imports.pages.frame import page, signed_in
from imports.pages.words import type_choice
from scores.games import GAMES, PLAYTYPES
from tachi.accounts.authentication import user_of
from tachi.accounts.models import User

ANY = ("", "any")
LAST_BATCHES, MOST_IDS = 10, 1000
FILTERS = ("since", "until", "importType", "game", "playtype", "token", "service")


class Which(forms.Form):
    """Which imports, by the names of the filters; what is empty narrows nothing."""

    since = forms.CharField(label="Came in since", help_text=TIME_HELP)
    until = forms.CharField(label="Came in before", help_text=TIME_HELP)
    token = forms.ChoiceField(label="Sent with the token")
    importType = forms.ChoiceField(
        label="Import type",
        choices=[ANY, *((each, type_choice(each)) for each in sorted(FORMATS))],
    )
    game = forms.ChoiceField(
        choices=[ANY, *((n, GAMES[f"{n}:{p[0]}"].title) for n, p in PLAYTYPES.items())]
    )
    playtype = forms.ChoiceField(
        choices=[
            ANY,
            *((p, p) for p in sorted({p for of in PLAYTYPES.values() for p in of})),
        ]
    )
    service = forms.CharField(help_text="As your imports show it.")
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        help_text="For yourself: it is kept with the batch.",
    )
    withdraw_classes = forms.BooleanField(
        label="Withdraw the classes (dans) that they brought, too"
    )
    block = forms.BooleanField(
        label="Block the scores that go: they are not imported again"
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        mine = user.tokens.order_by("-pk").values_list("prefix", "identifier")[:200]
        named = [(prefix, f"{name} ({prefix}…)") for prefix, name in mine]
        self.fields["token"].choices = [ANY, *named]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def draft(request: HttpRequest) -> HttpResponse:
    """The form, filled in by the query; sent, it leads to the preview of a draft."""
    user = user_of(request)
    sent = request.POST if request.method == "POST" else request.GET
    ids = sent.getlist("import")[:MOST_IDS]
    form = Which(user, request.POST if request.method == "POST" else None)
    form.initial = {name: sent.get(name, "") for name in FILTERS}
    if form.is_bound and form.is_valid() and (batch := _drafted(user, form, ids)):
        return HttpResponseRedirect(reverse("pages:batch", args=[batch.batch_id]))
    batches = RevertBatch.objects.filter(created_by=user, origin=Origin.API)
    last = batches.defer("preview").order_by("-created_at", "-pk")[:LAST_BATCHES]
    context = {
        "form": form,
        "fields": [form[name] for name in FILTERS],
        "ids": ids,
        "named": Import.objects.filter(user=user, import_id__in=ids).count(),
        "batches": last,
    }
    status = 400 if form.errors else 200
    return page(request, "draft.html", context, here="imports", status=status)


def _drafted(user: User, form: Which, ids: list[str]) -> RevertBatch | None:
    """The draft; None, with the reason on the form, where none can be made."""
    said = form.cleaned_data
    filters = {name: said[name] for name in FILTERS if said[name]}
    which = {"import_ids": ids} if ids else {"filters": filters}
    try:
        return draft_own(
            user,
            RequestedBy(user, Origin.API, said["reason"]),
            withdraw_classes=said["withdraw_classes"],
            block=said["block"],
            **which,
        )
    except BadFilter as bad:
        name = bad.name if bad.name in form.fields else None
        form.add_error(name, bad.worded("This"))
    except (NotDraftable, NotAllowed) as why:
        form.add_error(None, why.text)
    return None
