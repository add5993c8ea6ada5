"""Where the rows of an import are now: the score of each, and who owns that."""

from collections.abc import Collection
from typing import NamedTuple

import orjson

from imports.models import Import
from scores.copy_rows import chunks
from scores.json_columns import json_text
from scores.models import Score


class Place(NamedTuple):
    """A row's score, and the import that owns it by now."""

    score_id: str | None = None
    owner: str | None = None


def places(
    import_: Import, positions: Collection[int] | None = None
) -> dict[int, Place]:
    """The places of rows that have a score now: of those at some positions, or of all.

    Three statements for a page.
    """
    scores = Score.objects.filter(source_import=import_)
    if positions is not None:
        scores = scores.filter(position__in=positions)
    found = {
        position: Place(score_id, import_.import_id)
        for position, score_id in scores.values_list("position", "score_id")
    }
    if positions is not None and found.keys() >= set(positions):
        return found
    missing = None if positions is None else set(positions) - found.keys()
    claims = claimed(import_, missing)
    for some in chunks(claims):
        stored = Score.objects.filter(pk__in=some)
        for pk, *place in stored.values_list(
            "pk", "score_id", "source_import__import_id"
        ):
            found.setdefault(claims[pk], Place(*place))
    return found


def claimed(
    import_: Import, positions: Collection[int] | None = None
) -> dict[int, int]:
    """Score primary key → position, of the scores that an earlier import owns: at some
    positions, or at all.
    """
    row = Import.objects.filter(pk=import_.pk)
    text = row.values_list(json_text("later_claims"), flat=True).first()
    # One loop without a call: there may be a hundred thousand.
    found = (
        (pk, claim if isinstance(claim, int) else claim["position"])
        for pk, claim in orjson.loads(text or "{}").items()
    )
    return {
        int(pk): position
        for pk, position in found
        if positions is None or position in positions
    }
