"""How a time, and the state of a thing, look on a page."""

from datetime import UTC, datetime
from typing import Literal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

#: What a badge or a verdict means: done, under way, refused or failed, told, undone.
Kind = Literal["good", "wait", "bad", "news", "gone"]
NEVER = "-"
KINDS: dict[str, Kind] = {
    "queued": "wait",
    "running": "wait",
    "completed": "good",
    "failed": "bad",
    "reverted": "gone",
    "cancelled": "gone",
    "draft": "news",
    "pausing": "wait",
    "paused": "wait",
    "cancelling": "wait",
    "done": "good",
    "restoring": "wait",
    "restored": "gone",
    "imported": "good",
    "held": "news",
    "orphaned": "wait",
    "rejected": "bad",
    "blocked": "gone",
    "nothing new": "news",
    "nothing": "wait",
}


def ago(moment: datetime, now: datetime | None = None) -> str:
    """ "5 minutes ago", "in 3 days", "just now": to one unit."""
    now = now or timezone.now()
    if abs((now - moment).total_seconds()) < 60:
        return "just now"
    if moment > now:
        return f"in {_spelled(now, moment)}"
    return f"{_spelled(moment, now)} ago"


def exactly(moment: datetime) -> str:
    """ "2026-07-31 14:05:00 UTC": the one time zone of all pages."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def relative_time(moment: datetime | None) -> str:
    """A time as `ago` says it, with the exact one on hover and for machines."""
    if moment is None:
        return NEVER
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        exactly(moment),
        ago(moment),
    )


def kind_of(state: str) -> Kind:
    """What a state, or an outcome of a row, means."""
    return KINDS.get(state, "gone")


def badge(text: str, kind: Kind | None = None) -> SafeString:
    """A state in words and colour; of a known state the colour is known."""
    return format_html(
        '<span class="badge {}">{}</span>', kind or kind_of(text.lower()), text
    )


def _spelled(since: datetime, until: datetime) -> str:
    return timesince(since, until, depth=1).replace("\xa0", " ")
