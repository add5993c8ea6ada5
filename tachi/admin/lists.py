"""What all lists have: a form of filters, presets of it, and rows that have names."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from tachi.admin.formatting import shortened

ID = re.compile(r"[A-Z]?[0-9a-f]{24,}")
LONGEST_NAME = 60  # characters of a row, as a screen reader says it
#: Links that fill in fields of the form: a label, and values by name of the field.
Presets = list[tuple[str, dict[str, str]]]


class ListLooks(admin.ModelAdmin):
    """A list whose filters are of `tachi.admin.filters`."""

    presets: Presets = []
    presets_title = ""

    @admin.display(description=SafeString('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, row: Model) -> str:
        """The box that selects a row, which says what row that is."""
        label = f"Select {self.opts.verbose_name} {name_of(row)}"
        box = forms.CheckboxInput(
            {"class": "action-select", "aria-label": label}, lambda value: False
        )
        return box.render(ACTION_CHECKBOX_NAME, str(row.pk))

    def preset_links(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The presets as addresses that keep the other filters, and which is in use."""
        sent = request.GET.dict()
        links = []
        for label, values in self.presets:
            wanted = {**sent, **values}
            query = request.GET.copy()
            query.clear()
            query.update({name: each for name, each in wanted.items() if each})
            for gone in (PAGE_VAR, ERROR_FLAG):
                query.pop(gone, None)
            used = all(sent.get(name, "") == each for name, each in values.items())
            links.append({"label": label, "url": f"?{query.urlencode()}", "used": used})
        return links


def name_of(row: Model) -> str:
    """A row's name; of a long id its first digits."""
    name = str(row)
    if ID.fullmatch(name):
        return shortened(name)
    return Truncator(name).chars(LONGEST_NAME)


def in_two_lines(first: object, second: object) -> str:
    """A cell with something small under it."""
    if not second:
        return format_html("{}", first)
    return format_html('{}<small class="under">{}</small>', first, second)
