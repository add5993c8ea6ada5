"""The snapshot of a reverted import: all that it held, so that it can be restored.

Compressed JSON: its claims on scores (those it owned, and its later claims) and its
orphans. Charts are named by their primary keys, which never change.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from imports.composition import Reported
from imports.hand_overs import Holder
from imports.models import Import, Orphan
from imports.reports import OF_SCORE_DATA, sent_at, with_report
from scores.copy_rows import chunks
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
    """A score that an import owns, as that itself reported it, and the time that it
    shows; its score data and score meta are unparsed text.
    """

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
    time_shown: int | None


def owned_by(imports: Sequence[Import]) -> dict[int, list[Owned]]:
    """The scores that each import (primary key) owns."""
    owned: dict[int, list[Owned]] = {import_.pk: [] for import_ in imports}
    columns = ("source_import_id", *Owned._fields[:-3], "data", "meta")
    for pks in chunks(owned):
        scores = Score.objects.filter(source_import__in=pks).annotate(
            data=json_text("score_data"), meta=json_text("score_meta")
        )
        rows = scores.values_list(*columns, "time_achieved", "own")
        for owner, *values, own in rows:
            owned[owner].append(_as_reported(Owned._make(values), own))
    return owned


def _as_reported(shown: Owned, own: Reported | None) -> Owned:
    """With the owner's own word in place of what others filled."""
    if not own:
        return shown
    columns = {name: own[name] for name in own.keys() & {"time_achieved", "comment"}}
    if "score_meta" in own:
        columns["score_meta"] = dump_json(own["score_meta"]).decode()
    if of_data := {name: own[name] for name in OF_SCORE_DATA if name in own}:
        data = {**orjson.loads(shown.score_data), **of_data}
        columns["score_data"] = dump_json(data).decode()
    return shown._replace(**columns)


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
    del claim["pk"], claim["time_shown"]
    claim["score_data"] = orjson.Fragment(score.score_data)
    claim["score_meta"] = orjson.Fragment(score.score_meta)
    return claim


def _later_claim(score: Score, holder: Holder) -> dict[str, Any]:
    identity = {"score_id": score.score_id, "chart": score.chart_id, "gpt": score.gpt}
    report = {k: v for k, v in holder.reported.items() if k not in OF_SCORE_DATA}
    score_data = with_report(score.score_data, holder.reported)
    return {**identity, **report, "score_data": score_data}


def orphans_of(
    import_: Import, snapshot: Snapshot, discards: Mapping[str, int]
) -> list[Orphan]:
    """The orphans of a snapshot that nobody has discarded since (`discards_of`), not
    saved.
    """
    return [
        Orphan(
            user_id=import_.user_id,
            source_import=import_,
            **{name: orphan[name] for name in ORPHAN_FIELDS},
        )
        for orphan in snapshot.orphans
        if discards.get(orphan["orphan_id"], -1) < sent_at(import_)
    ]
