"""What running imports again asks for: as which playtype, and why."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest

from imports.models import Import
from scores.games import PLAYTYPES
from tachi.admin.log import ReasonForm

AS_SENT = ("", "as it was sent")


class RunAgainForm(ReasonForm):
    """As which playtype of these games, and why."""

    playtype = forms.ChoiceField(required=False)

    def __init__(self, games: Iterable[str], data: Any = None) -> None:
        super().__init__(data)
        names = {name for game in games for name in PLAYTYPES.get(game, ())}
        field = self.fields["playtype"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [AS_SENT, *((name, name) for name in sorted(names))]


def given(request: HttpRequest, imports: Iterable[Import]) -> RunAgainForm:
    """The form that was filled in, if it was; else an empty one, which is not valid."""
    sent = request.POST if "confirmed" in request.POST else None
    return RunAgainForm({import_.game for import_ in imports}, sent)
