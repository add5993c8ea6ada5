"""Why something is done, and Django's own history of a row (LogEntry).

What is done to players goes into the moderation log (`tachi.moderation`), by the verbs.
"""

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
TO_PLAYER, TO_MODERATORS = "Reason (the player reads this)", "Internal note"


class ActionWithReason(ActionForm):
    """A list's actions, and why: for those that ask nothing else."""

    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label="Reason:",
        widget=forms.TextInput(attrs={"placeholder": "the player reads this"}),
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label="Internal note:",
        widget=forms.TextInput(attrs={"placeholder": "for moderators"}),
    )


class ReasonForm(forms.Form):
    """Why something is done, on the page that asks for confirmation.

    In words for the player, and in words that he never sees.
    """

    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label=TO_PLAYER,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label=TO_MODERATORS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def log_each(request: HttpRequest, acts: Iterable[tuple[Model, str]]) -> None:
    """Store in the history of each row what was done, by who asks; in sets."""
    entries = [
        LogEntry(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:LONGEST_NAME],
            action_flag=CHANGE,
            change_message=text,
        )
        for row, text in acts
    ]
    if entries:  # even an empty transaction would wait for who writes
        LogEntry.objects.bulk_create(entries, batch_size=BATCH_SIZE)
