"""What a reverted import held, written out in full so that it can come back.

Compressed JSON: its claims on scores (those it owned, and those it held beside an
earlier import) and its orphans. Charts are named by their primary keys, which stay.
"""

import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from imports.claims import Holder, said
from imports.models import Import, Orphan
from scores.models import Score

ORPHAN_FIELDS = ("orphan_id", "position", "game", "data", "context", "message")


class Contents(NamedTuple):
    """JSON objects: claims by `score_id`, `chart` (primary key), `gpt` and what was
    said; orphans by their fields.
    """

    claims: list[dict[str, Any]]
    orphans: list[dict[str, Any]]

    def packed(self) -> bytes:
        return zlib.compress(orjson.dumps(self._asdict()), level=1)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Contents":
        return cls(**orjson.loads(zlib.decompress(packed)))


def contents(
    owned: Iterable[Score],
    held: Iterable[tuple[Score, Holder]],
    orphans: Iterable[Orphan],
) -> Contents:
    """Everything that an import holds."""
    return Contents(
        claims=[
            *(_claim(score, said(score)) for score in owned),
            *(_claim(score, holder.said) for score, holder in held),
        ],
        orphans=[
            {name: getattr(orphan, name) for name in (*ORPHAN_FIELDS, "time_inserted")}
            for orphan in orphans
        ],
    )


def _claim(score: Score, word: dict[str, Any]) -> dict[str, Any]:
    return {
        "score_id": score.score_id,
        "chart": score.chart_id,
        "gpt": score.gpt,
        **word,
    }


def orphans_of(import_: Import, held: Contents) -> list[Orphan]:
    """The orphans, to be stored again."""
    return [
        Orphan(user_id=import_.user_id, source_import=import_, **orphan)
        for orphan in held.orphans
    ]
