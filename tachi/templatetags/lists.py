"""`{% load lists %}`: a list's form of filters, and cells that say what they are."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.contrib.admin.views.main import (
    ALL_VAR,
    ORDER_VAR,
    SEARCH_VAR,
    ChangeList,
)
from django.template.context import Context
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from tachi.admin.filters import Filter, in_words
from tachi.admin.formatting import EMPTY
from tachi.admin.lists import ListLooks

register = template.Library()
#: What the form sends along beside its fields.
KEPT = (ORDER_VAR, ALL_VAR)
SELECTION = "action-checkbox-column"


@register.inclusion_tag("admin/list_filters.html", takes_context=True)
def list_filters(context: Context, cl: ChangeList) -> dict[str, Any]:
    """The form: search box, filters, order; and its presets."""
    pages, request = cl.model_admin, context["request"]
    kept = {name: cl.params[name] for name in KEPT if name in cl.params}
    specs = [each for each in cl.filter_specs if isinstance(each, Filter)]
    said = in_words(specs, cl.query)
    return {
        "cl": cl,
        "specs": specs,
        "said": ", ".join(said),
        "count": len(said),
        "kept": kept,
        "clear": f"?{urlencode(kept)}",
        "search_var": SEARCH_VAR,
        "presets": pages.preset_links(request) if isinstance(pages, ListLooks) else [],
        "presets_title": getattr(pages, "presets_title", ""),
    }


@register.filter
def labelled(
    cells: list[SafeString], headers: list[dict[str, Any]]
) -> Iterator[SafeString]:
    """A row's cells with their column's name, which cards show; the first names it."""
    for cell, header in zip(cells, headers, strict=True):
        tag, rest = cell[:3], SafeString(cell[3:])
        if tag == "<th":
            yield format_html('<th scope="row"{}', rest)
        elif SELECTION in header["class_attrib"]:
            yield cell
        else:
            empty = " data-empty" if cell.endswith(f">{EMPTY}</td>") else ""
            label = capfirst(header["text"])
            yield format_html('<td data-label="{}"{}{}', label, empty, rest)
