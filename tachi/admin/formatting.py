"""How admin pages show values: times, counts, ids, JSON, links, and marks in texts."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from tachi.admin.looking import may_look_at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EMPTY = "-"
SHOWN_DIGITS = 12
#: Characters that change how what stands beside them is shown, or that do more than
#: be shown: of control (but tab and line ends), and marks of direction.
MARK = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def with_marks(text: str) -> str:
    """A text with its marks of direction and control characters to be seen: ‹U+202E›.

    A name with one could show a line of a page, or of a terminal, in another order.
    """
    return MARK.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def in_one_line(text: object) -> str:
    """For a terminal, as `with_marks`: line ends and tabs are to be seen as well.

    Whoever sends a text cannot move the cursor, or add a line of his own.
    """
    shown = with_marks(str(text))
    return re.sub(r"[\t\n\r]", lambda found: f"‹U+{ord(found[0]):04X}›", shown)


def format_milliseconds(milliseconds: int | None) -> str:
    """Unix milliseconds as a date and time in UTC."""
    if milliseconds is None:
        return EMPTY
    try:
        return format_time(EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError:  # beyond the year 9999
        return f"{milliseconds} ms"


def format_time(moment: datetime | None) -> str:
    """A date and time in UTC, on one line where there is room."""
    if moment is None:
        return EMPTY
    text = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<span class="time">{}</span>', text)


def format_json(value: Any) -> SafeString:
    """JSON, indented."""
    return format_html(
        '<pre class="json">{}</pre>',
        json.dumps(value, indent=2, ensure_ascii=False),
    )


def count_of(count: int, noun: str, plural: str = "s") -> str:
    """ "1 import", "2 imports"; `plural` is the ending of the plural."""
    return f"{count} {noun}{pluralize(count, plural)}"


def shortened(identifier: str | None) -> str:
    """The first digits of an id: enough to tell it from others in a list."""
    return f"{identifier[:SHOWN_DIGITS]}…" if identifier else EMPTY


def detail_link(label: Any, model: str, pk: int | None) -> str:
    """A link to the page of a row; `model` is its URL name, as in "scores_score".

    For who may not look at that, the label alone.
    """
    if pk is None:
        return EMPTY
    if not may_look_at(model):
        return str(label)
    return link(label, reverse(f"admin:{model}_change", args=[pk]))


def list_link(label: Any, model: str, **filters: str | int) -> str:
    """A link to the filtered list of a model, as `detail_link` to a row."""
    if not may_look_at(model):
        return str(label)
    return link(label, f"{reverse(f'admin:{model}_changelist')}?{urlencode(filters)}")


def link(label: Any, url: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)
