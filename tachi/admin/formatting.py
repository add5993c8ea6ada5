"""How values look on admin pages."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = "-"
SHOWN = 12


def utc(milliseconds: int | None) -> str:
    """Unix milliseconds as a date and time that people read."""
    if milliseconds is None:
        return NOTHING
    try:
        return when(EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError:
        return f"{milliseconds} ms"


def when(moment: datetime | None) -> str:
    """A date and time in UTC, on one line."""
    if moment is None:
        return NOTHING
    text = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<span style="white-space: nowrap">{}</span>', text)


def counted(count: int, noun: str, plural: str = "s") -> str:
    """ "1 import", "2 imports"; `plural` is what the noun ends in then."""
    return f"{count} {noun}{pluralize(count, plural)}"


def short(identifier: str | None) -> str:
    """The beginning of an id: enough to tell it from others in a list."""
    return f"{identifier[:SHOWN]}…" if identifier else NOTHING


def pretty(value: Any) -> SafeString:
    """JSON, laid out."""
    return format_html(
        '<pre style="margin: 0; white-space: pre-wrap">{}</pre>',
        json.dumps(value, indent=2, ensure_ascii=False),
    )


def detail(label: Any, page: str, pk: int | None) -> str:
    """A link to a row's page, `page` being as in "scores_score"."""
    if pk is None:
        return NOTHING
    return link(label, reverse(f"admin:{page}_change", args=[pk]))


def listing(label: Any, page: str, **filters: str) -> SafeString:
    """A link to a filtered list."""
    return link(label, f"{reverse(f'admin:{page}_changelist')}?{urlencode(filters)}")


def link(label: Any, url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)
