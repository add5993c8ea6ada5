"""The snapshot of a reverted import: all that it held, so that it can be restored.

Compressed JSON: its claims on scores (those it owned, and its later claims) and its
orphans. Charts are named by their primary keys, which never change.
"""

import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from imports.claims import Holder
from imports.discards import discarded
from imports.models import Import, Orphan
from scores.json_columns import dump_json, json_text
from scores.models import Score

ORPHAN_FIELDS = (
    "orphan_id",
    "position",
    "game",
    "data",
    "message",
    "time_inserted",
)


class Snapshot(NamedTuple):
    """JSON objects: claims by `score_id`, `chart` (primary key), `gpt` and what was
    reported; orphans by their fields, each with the `context` of their import.
    """

    claims: list[dict[str, Any]]
    orphans: list[dict[str, Any]]

    def packed(self) -> bytes:
        return zlib.compress(dump_json(self._asdict()), level=1)

    @classmethod
    def unpacked(cls, packed: bytes | memoryview) -> "Snapshot":
        return cls(**orjson.loads(zlib.decompress(packed)))


class Owned(NamedTuple):
    """A score that an import owns; its JSON columns are unparsed text."""

    pk: int
    score_id: str
    chart: int
    gpt: str
    position: int
    time_added: int
    service: str
    import_type: str
    time_achieved: int | None
    comment: str | None
    score_data: str
    score_meta: str


def owned_by(import_: Import) -> list[Owned]:
    """The scores that an import owns."""
    scores = Score.objects.filter(source_import=import_).annotate(
        data=json_text("score_data"), meta=json_text("score_meta")
    )
    return [
        Owned._make(row)
        for row in scores.values_list(*Owned._fields[:-2], "data", "meta")
    ]


def take_snapshot(
    owned: Iterable[Owned],
    later_claims: Iterable[tuple[Score, Holder]],
    orphans: Iterable[Orphan],
    context: dict[str, Any],
) -> Snapshot:
    """The snapshot of an import with these claims and orphans, and their context."""
    return Snapshot(
        claims=[
            *map(_owned_claim, owned),
            *(_later_claim(score, holder) for score, holder in later_claims),
        ],
        orphans=[
            {name: getattr(orphan, name) for name in ORPHAN_FIELDS}
            | {"context": context}
            for orphan in orphans
        ],
    )


def _owned_claim(score: Owned) -> dict[str, Any]:
    claim = score._asdict()
    del claim["pk"]
    claim["score_data"] = orjson.Fragment(score.score_data)
    claim["score_meta"] = orjson.Fragment(score.score_meta)
    return claim


def _later_claim(score: Score, holder: Holder) -> dict[str, Any]:
    identity = {"score_id": score.score_id, "chart": score.chart_id, "gpt": score.gpt}
    return {**identity, **holder.reported}


def orphans_of(import_: Import, snapshot: Snapshot) -> list[Orphan]:
    """The orphans of a snapshot that nobody has discarded since, not saved."""
    unwanted = discarded(import_)
    return [
        Orphan(
            user_id=import_.user_id,
            source_import=import_,
            **{name: orphan[name] for name in ORPHAN_FIELDS},
        )
        for orphan in snapshot.orphans
        if orphan["orphan_id"] not in unwanted
    ]
