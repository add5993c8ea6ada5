"""Lists in an order: compared by what they are ordered by, for ties are free."""

import re
from collections.abc import Iterator

from tests.golden.comparison import Mismatch


def _of(*keys):
    def value(document: dict):
        for key in keys:
            document = document[key]
        return document

    return value


def _ratings(document: dict):
    return list(document["calculatedData"].values())[:1]


ORDERED = (
    (r"/pbs/best$", "pbs", _ratings),
    (r"/scores/recent$", "scores", _of("timeAchieved")),
    (r"/sessions/recent$", None, _of("timeEnded")),
    (r"/sessions/best$", None, _ratings),
    (r"/charts/\w+/pbs$", "pbs", _of("userID")),
    (r"/imports$", "imports", _of("importID")),
    (r"/imports/failed$", "failedImports", _of("userID")),
)


def misplaced(path: str, theirs: dict, ours: dict) -> Iterator[Mismatch]:
    """Where a list that we both answered with is in another order."""
    path = path.partition("?")[0]
    for pattern, key, value in ORDERED:
        if not re.search(pattern, path):
            continue
        both = [_listed(side, key) for side in (theirs, ours)]
        if None in both or len(both[0]) != len(both[1]):
            continue
        order = [[value(document) for document in side] for side in both]
        if order[0] != order[1]:
            yield Mismatch(("order", key or "body"), *order)


def _listed(answer: object, key: str | None) -> list | None:
    body = answer.get("body") if isinstance(answer, dict) else None
    if isinstance(body, dict) and key in body:
        body = body[key]
    return body if isinstance(body, list) else None
