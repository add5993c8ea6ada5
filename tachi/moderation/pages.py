"""What pages of the admin have of the moderation log: who acts, and what was done."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractUser
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from tachi.admin.formatting import list_link
from tachi.admin.log import LONGEST_REASON
from tachi.moderation.log import Acting, Origin
from tachi.moderation.models import Entry

SHOWN = 100  # entries on a page of history


def acting(request: HttpRequest, form: forms.Form | None = None) -> Acting:
    """Who asks, and why: by a form's `reason` and `note`, or those of a list's actions.

    A list has checked its own form (`tachi.admin.log.ActionWithReason`).
    """
    said = request.POST if form is None else form.cleaned_data
    reason, note = (
        str(said.get(name, "")).strip()[:LONGEST_REASON] for name in ("reason", "note")
    )
    return Acting(cast(AbstractUser, request.user), Origin.ADMIN, reason, note)


class ShowsActs(admin.ModelAdmin):
    """Pages of rows whose history has what the moderation log has of them.

    Each kind of page says in `acts_on` which entries of the log are of a row.
    """

    acts_on: Callable[[Any], Q]

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The history of a row, with the entries for those who may see the log."""
        row = self.get_object(request, unquote(object_id))
        entries: list[Entry] = []
        if row is not None and request.user.has_perm("moderation.view_entry"):
            found = Entry.objects.filter(self.acts_on(row)).order_by("-at", "-pk")
            entries = list(found[:SHOWN])
        context = {"entries": entries, **(extra_context or {})}
        return super().history_view(request, object_id, context)


def log_link(condition: Q, **filters: str | int) -> str:
    """How many entries there are, as a link to them: `filters` are those of the log."""
    count = Entry.objects.filter(condition).count()
    return list_link(count, "moderation_entry", **filters)
