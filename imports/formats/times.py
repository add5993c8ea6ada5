"""Times in texts, as sites, spreadsheets and scripts write them."""

import re
from datetime import UTC, datetime, timedelta, timezone

from imports.formats.cells import WrongCell, is_empty

JAPAN = timedelta(hours=9)
_CLOCK = (
    r"(?:(?:\s*T\s*|\s+)([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,]([0-9]+))?)?"
    r"(?:\s*([AaPp][Mm]))?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
#: 2021-06-22 10:14:33, unpadded and with slashes too; 6/22/2021 10:14 as .NET writes.
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _CLOCK)
_MONTH_FIRST = re.compile(r"([0-9]{1,2})(/)([0-9]{1,2})/([0-9]{4})" + _CLOCK)
_LONGEST = 60
#: Writers have an empty time: 0001-01-01 in .NET, 1970-01-01 elsewhere.
_EARLIEST = 2 * 24 * 60 * 60 * 1000


def unix_time(text: str, zone: timedelta = timedelta(0)) -> int | None:
    """The time in unix milliseconds; None where there is none. Raises WrongCell.

    `zone` is what the clock of the source is ahead of UTC, unless the text says it.
    """
    text = text.strip()
    if is_empty(text):
        return None
    try:
        moment = _moment(text, zone)
    except (ValueError, OverflowError):
        raise WrongCell(
            f"This is not a time that we can read: {text!r}. Expected one like"
            " 2021-06-22 10:14."
        ) from None
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )
    return milliseconds if milliseconds >= _EARLIEST else None


def _moment(text: str, zone: timedelta) -> datetime:
    """Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, *clock = found.groups()
    elif found := _MONTH_FIRST.fullmatch(text):
        month, _, day, year, *clock = found.groups()
    else:
        raise ValueError
    hour, minute, second, fraction, half, offset = clock
    return datetime(
        int(year),
        int(month),
        int(day),
        _hour(int(hour or 0), half),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0")[:6].ljust(6, "0")),
        tzinfo=_zone(offset) if offset else timezone(zone),
    )


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half.lower() == "pm" else 0)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)
