"""The form of a new rule that stops a source."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import capfirst

from imports.filters import ImportFilterSet
from imports.models import RevertBatch
from imports.rules.meaning import FILTERS
from imports.rules.stop import LONGEST, Wanted
from tachi.api.times import TIME_EXAMPLE, parse_time

ANY_OF = "several: any of them"


class Lines(forms.CharField):
    """Texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 2, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line]


class UntilField(forms.CharField):
    """A time as `parse_time` reads it, or none."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_time(text) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from None


class RuleForm(forms.Form):
    """What is to be refused, until when, and why. The verb says what is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filters = {name: _field(name) for name in FILTERS}
        self.fields = filters | self.fields

    until = UntilField(
        required=False,
        label="Until",
        help_text=f"Empty: for good. {TIME_EXAMPLE}, in UTC.",
    )
    text = forms.CharField(
        max_length=LONGEST,
        label="What senders are told",
        help_text="Anybody who knows a refused import can read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Note",
        help_text="For moderators only.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    batch = forms.CharField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> Wanted:
        """The rule that is wanted, of a form that is valid."""
        said = self.cleaned_data
        return Wanted(
            filters={name: _value(said[name]) for name in FILTERS if said[name]},
            until=said["until"],
            text=said["text"],
            note=said["note"],
            batch=RevertBatch.objects.filter(batch_id=said["batch"]).first(),
        )


def prefilled(request: HttpRequest) -> dict[str, Any]:
    """What an address fills the form in with: filters by name, `text`, `batch`.

    Filters that make no rule are left out.
    """
    filters = {name: request.GET.getlist(name) for name in FILTERS}
    rest = {name: request.GET.get(name, "") for name in ("until", "text", "batch")}
    return {**{name: given for name, given in filters.items() if given}, **rest}


def _field(name: str) -> forms.Field:
    declared = ImportFilterSet.base_filters[name]
    said: dict[str, Any] = {
        "required": False,
        "label": capfirst(str(declared.label)),
    }
    choices = ImportFilterSet.choices(name)
    if not choices:
        hint = declared.extra.get("help_text") or ""
        return Lines(help_text=f"{hint}; one a line, {ANY_OF}".lstrip("; "), **said)
    widget = forms.SelectMultiple(attrs={"size": min(len(choices), 5)})
    return forms.MultipleChoiceField(
        choices=choices, widget=widget, help_text=f"None: any; {ANY_OF}.", **said
    )


def _value(values: Iterable[str]) -> str | list[str]:
    """A single value by itself, as it is given otherwise."""
    found = list(values)
    return found[0] if len(found) == 1 else found
