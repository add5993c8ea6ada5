"""Times on the wire."""

from datetime import datetime


def milliseconds(moment: datetime) -> int:
    """A moment as unix milliseconds."""
    return round(moment.timestamp() * 1000)
