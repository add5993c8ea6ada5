"""What a hook tells of a chart that nobody knows, enough to make the chart of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewChart:
    """A chart of a be-music game, by its hash, with what its file says of it."""

    game: str
    playtype: str
    sha256: str
    md5: str
    notecount: int
    title: str
    subtitle: str
    genre: str
    artist: str
    subartist: str
