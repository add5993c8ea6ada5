"""Times: as the wire has them, and as people write them."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

TIME_EXAMPLE = "2025-07-31 14:05"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """A moment as unix milliseconds."""
    return round(moment.timestamp() * 1000)


def utc_text(milliseconds: int) -> str:
    """Unix milliseconds for people: "2025-07-31 14:05:00 UTC", with a fraction if it
    has one.
    """
    try:
        moment = EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # before the year 1, or beyond 9999
        return f"{milliseconds} ms"
    fraction = f".{milliseconds % 1000:03}" if milliseconds % 1000 else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def parse_time(text: str) -> datetime:
    """A date or a time as people write it, in UTC unless it names an offset.

    Raises ValueError with a sentence for whoever wrote it.
    """
    try:
        parsed = parse_datetime(text.strip())
        if parsed is not None:
            aware = timezone.is_aware(parsed)
            return parsed.astimezone(UTC) if aware else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass  # a 30th of February; a first of January of the year 1, further east
    raise ValueError(f"“{text}” is no time: write it like {TIME_EXAMPLE}, in UTC.")
