"""The chart that a play of beatoraja tells of, for when enough players have sent it."""

import re
from typing import Any

from scores.seeds.unlisted import ToldOfChart

MOST_NOTES = 1_000_000  # of a chart that players make
MD5 = re.compile("[0-9a-f]{32}", re.ASCII | re.IGNORECASE)


def told_of(game: str, playtype: str, entry: dict[str, Any]) -> ToldOfChart | None:
    """The chart of this play, where it can be one: once made, it is everybody's."""
    told = entry["chart"]
    agree = told["sha256"] == entry["score"]["sha256"]
    if not (agree and MD5.fullmatch(told["md5"]) and 0 < told["notes"] <= MOST_NOTES):
        return None
    return ToldOfChart(
        game,
        playtype,
        notecount=int(told["notes"]),
        md5=told["md5"].lower(),
        **{name: told[name] for name in ("sha256", "title", "subtitle")},
        **{name: told[name] for name in ("genre", "artist", "subartist")},
    )
