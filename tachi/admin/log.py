"""The log of acts: who did what to which row, and why (Django's LogEntry)."""

from collections.abc import Iterable

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

BATCH_SIZE = 500  # entries in one statement
LONGEST_REASON = 1000
LONGEST_NAME = 200  # of a row, in an entry


class ActionWithReason(ActionForm):
    """A list's actions, and why: for those that ask nothing else."""

    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label="Reason:",
        widget=forms.TextInput(attrs={"placeholder": "kept in the history"}),
    )


class ReasonForm(forms.Form):
    """Why something is done, on the page that asks for confirmation."""

    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def reason_of(request: HttpRequest) -> str:
    """Why a listed action is done; its form, an ActionWithReason, has been checked."""
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


def log_each(
    request: HttpRequest, acts: Iterable[tuple[Model, str]], reason: str = ""
) -> None:
    """Store what was done to each row, in words, by who asks; in sets."""
    why = f" Reason: {reason}" if reason else ""
    entries = [
        LogEntry(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:LONGEST_NAME],
            action_flag=CHANGE,
            change_message=f"{text}{why}",
        )
        for row, text in acts
    ]
    if entries:  # even an empty transaction would wait for who writes
        LogEntry.objects.bulk_create(entries, batch_size=BATCH_SIZE)
