"""What the rules see of a chart and its song; the database's rows are such."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Chart(Protocol):
    """One difficulty of a song. `data` is as the game's `chart_data` has it."""

    @property
    def song_id(self) -> int: ...

    @property
    def difficulty(self) -> str: ...

    @property
    def level(self) -> str: ...

    @property
    def level_num(self) -> float: ...

    @property
    def is_primary(self) -> bool: ...

    @property
    def versions(self) -> Sequence[str]: ...

    @property
    def data(self) -> Mapping[str, object]: ...


class Song(Protocol):
    """`data` is as the game's `song_data` has it."""

    @property
    def title(self) -> str: ...

    @property
    def data(self) -> Mapping[str, object]: ...
