"""Times in unix milliseconds, as people read them and as programs get them wrong."""

import re
from datetime import UTC, datetime, timedelta

A_DAY = 24 * 60 * 60 * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_AHEAD = 10_000_000  # days: beyond it their number says nothing
_LATEST = 253_402_300_799_999  # the end of 9999
#: Units by which a time of 2001 to 2100 is out, and what makes milliseconds of it.
_UNITS = (
    ("seconds", 1_000_000_000, 4_102_444_800, "multiply by 1000", 1_000),
    ("microseconds", 10**15, 4_102_444_800 * 10**6, "divide by 1000", 1e-3),
    ("nanoseconds", 10**18, 4_102_444_800 * 10**9, "divide by 1000000", 1e-6),
)
_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].{0,40})?\s*")
_NUMBER = re.compile(r"\s*[0-9]{1,19}(\.[0-9]{1,9})?\s*")


def iso(time: float) -> str:
    """2026-01-31T12:00:00Z; the number itself where no calendar has it."""
    if not -62_135_596_800_000 <= time <= _LATEST:
        return f"{time:.0f}" if abs(time) < 1e21 else f"{time:g}"
    moment = _EPOCH + timedelta(milliseconds=int(time))
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def misread(sent: object) -> str:
    """ " This looks like seconds: multiply by 1000, …", where a value may be a time in
    another form than unix milliseconds; "" where it may not.
    """
    if isinstance(sent, str):
        return _of_text(sent)
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return ""
    for unit, earliest, latest, what_to_do, factor in _UNITS:
        if earliest <= sent <= latest:
            meant = round(sent * factor)
            return f" This looks like {unit}: {what_to_do}, {meant} is {iso(meant)}."
    return ""


def ahead(time: float, now: float) -> str:
    """How far a time is ahead of now: "3 days and 2 hours"."""
    if time - now > _MOST_AHEAD * A_DAY:
        return f"more than {_MOST_AHEAD:,} days"
    hours = int((time - now) // (60 * 60 * 1000))
    days, hours = divmod(hours, 24)
    told = [f"{days:,} day{'s' * (days != 1)}"] if days else []
    if hours and days < 1_000:
        told.append(f"{hours} hour{'s' * (hours != 1)}")
    return " and ".join(told) or "less than an hour"


def _of_text(sent: str) -> str:
    if _NUMBER.fullmatch(sent):
        as_number = float(sent) if "." in sent else int(sent)
        return f" This is a text: send the number.{misread(as_number)}"
    if not _DATE.fullmatch(sent):
        return ""
    try:
        moment = datetime.fromisoformat(sent.strip())
    except ValueError:
        return " This looks like a date in words: send unix milliseconds, a number."
    has_zone = moment.tzinfo is not None
    moment = moment if has_zone else moment.replace(tzinfo=UTC)
    meant = (moment - _EPOCH) // timedelta(milliseconds=1)
    zone = "" if has_zone else " (as UTC)"
    return f" This looks like an ISO date: send unix milliseconds, {meant}{zone}."
