"""What all lists have: a form of filters, presets of it, and rows that have names."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst

from tachi.admin.formatting import shortened

ID = re.compile(r"[A-Z]?[0-9a-f]{24,}")
LONGEST_NAME = 60  # characters of a row, as a screen reader says it
#: Links that fill in fields of the form: a label, and values by name of the field.
Presets = list[tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class WholeList:
    """All rows of a list that an action is for, also those on its other pages."""

    count: int
    narrowed_by: list[str]

    def in_words(self, nouns: str) -> str:
        """ "All 412 imports that match: game iidx, received since today."."""
        if not self.narrowed_by:
            return f"All {self.count:,} {nouns} that there are."
        match = "matches" if self.count == 1 else "match"
        by = ", ".join(self.narrowed_by)
        return f"All {self.count:,} {nouns} that {match}: {by}."


class ListLooks(admin.ModelAdmin):
    """A list whose filters are of `tachi.admin.filters`."""

    presets: Presets = []
    presets_title = ""

    @property
    def media(self) -> forms.Media:
        """What lists run. The rest of Django's, jQuery and more, is 270 KB for widgets
        that no page of ours has.
        """
        return forms.Media(js=["admin/js/actions.js"])

    @admin.display(description=SafeString('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, row: Model) -> SafeString:
        """The box that selects a row, which says what row that is."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select"'
            ' aria-label="Select {} {}">',
            ACTION_CHECKBOX_NAME,
            row.pk,
            self.opts.verbose_name,
            name_of(row),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, called as what it lists."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(
            request, {"title": title, **(extra_context or {})}
        )

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


def remember(request: HttpRequest, whole: WholeList) -> None:
    """Keep what an action is for, for the page that asks before it."""
    vars(request)["whole_list"] = whole


def whole_list(request: HttpRequest) -> WholeList | None:
    """The whole list that an action is for; None where rows were selected."""
    return vars(request).get("whole_list")


def name_of(row: Model) -> str:
    """A row's name; of a long id its first digits."""
    name = str(row)
    if ID.fullmatch(name):
        return shortened(name)
    return Truncator(name).chars(LONGEST_NAME)


def in_short(text: str, short: str) -> str:
    """A text in short, all of it on hover."""
    if text == short:
        return short
    return format_html('<span title="{}">{}</span>', text, short)


def in_two_lines(first: object, second: object) -> str:
    """A cell with something small under it."""
    if not second:
        return format_html("{}", first)
    return format_html('{}<small class="under">{}</small>', first, second)
