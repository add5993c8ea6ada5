"""Times: as the wire has them, and as people write them."""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

TIME_EXAMPLE = "2025-07-31 14:05"
TIMES_IN_WORDS = "now, today, yesterday, 2 hours ago"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Months and years are none: they have no fixed length.
AGO = re.compile(r"([0-9]{1,6}) (second|minute|hour|day|week)s? ago", re.ASCII)


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

    A date is its first moment. The words `now`, `today`, `yesterday` (both the first
    moment of the day, in UTC) and `2 hours ago` (seconds, minutes, hours, days, weeks)
    count from now. Raises ValueError with a sentence for whoever wrote it.
    """
    try:
        parsed = _in_words(text) or parse_datetime(text.strip())
        if parsed is not None:
            aware = timezone.is_aware(parsed)
            return parsed.astimezone(UTC) if aware else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass  # a 30th of February; a first of January of the year 1, further east
    raise ValueError(
        f"“{text}” is no time: write it like {TIME_EXAMPLE}, in UTC, or in the words "
        f"{TIMES_IN_WORDS}."
    )


def _in_words(text: str) -> datetime | None:
    """The moment that words mean, None where it is none of ours.

    Libraries that know more words (dateparser, parsedatetime) also find a time in what
    is none, and here a wrong one selects other people's imports.
    """
    words, now = " ".join(text.lower().split()), timezone.now()
    if words == "now":
        return now
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if words == "today":
        return today
    if words == "yesterday":
        return today - timedelta(days=1)
    ago = AGO.fullmatch(words)
    return now - timedelta(**{f"{ago[2]}s": int(ago[1])}) if ago else None
