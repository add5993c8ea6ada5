"""What a preview tells of that which follows from scores: bests, sessions, profiles."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from imports.undo.documents import (
    MOST_LISTED,
    ChangedBest,
    ChangedBests,
    ChangedSession,
    ChangedSessions,
    listed,
)
from scores.derived import personal_bests
from scores.documents import SessionDocument
from scores.games import get_game
from scores.tried_out import Change, Derived, differing

GPT, SCORE_DATA = map(personal_bests.FIELDS.index, ("gpt", "score_data"))
#: What is in a best's document of the plays themselves.
SAYS = [
    personal_bests.FIELDS.index(name)
    for name in ("score_data", "composed_from", "time_achieved", "highlight")
]


def bests(
    user_id: int, before: Derived, after: Derived, charts: Mapping[int, str]
) -> tuple[ChangedBests, list[Any]]:
    """What becomes of bests; and all of it in full, for the fingerprint."""
    old, new = before.bests, after.bests
    kinds: dict[str, list[ChangedBest]] = {"removed": [], "changed": [], "created": []}
    full: list[list[Any]] = []
    for pk in old.keys() | new.keys():
        now, then = old.get(pk), new.get(pk)
        if now == then:
            continue
        what = "created" if now is None else "removed" if then is None else "changed"
        values = now or then
        assert values is not None  # it is on one side
        game, playtype = values[GPT].split(":")
        kinds[what].append(
            {
                "what": what,
                "userID": user_id,
                "chartID": charts[pk],
                "game": game,
                "playtype": playtype,
                "old": _default_metric(now),
                "new": _default_metric(then),
            }
        )
        full.append([charts[pk], what, _says(now), _says(then)])
    for some in kinds.values():
        some.sort(key=itemgetter("chartID"))
    counts = {what: len(some) for what, some in kinds.items()}
    told: Any = {**counts, "list": listed(*kinds.values())}
    return told, sorted(full, key=itemgetter(0))


def _default_metric(best: tuple[Any, ...] | None) -> float | None:
    if best is None:
        return None
    return best[SCORE_DATA][get_game(best[GPT]).default_metric]


def _says(best: tuple[Any, ...] | None) -> list[Any]:
    """What a best says of what was played; its ratings are the chart's, too."""
    return [] if best is None else [best[at] for at in SAYS]


def sessions(before: Derived, after: Derived) -> ChangedSessions:
    old, new = before.sessions, after.sessions
    ids = {
        "removed": old.keys() - new.keys(),
        "changed": differing(old, new),
        "created": new.keys() - old.keys(),
    }
    kinds = [
        [_session(what, old.get(each), new.get(each)) for each in sorted(some)]
        for what, some in ids.items()
    ]
    counts = {what: len(some) for what, some in ids.items()}
    told: Any = {**counts, "list": listed(*kinds)}
    return told


def _session(
    what: str, old: SessionDocument | None, new: SessionDocument | None
) -> ChangedSession:
    document = old or new
    assert document is not None  # it is on one side
    return {
        "what": what,
        "userID": document["userID"],
        "sessionID": document["sessionID"],
        "game": document["game"],
        "playtype": document["playtype"],
        "name": document["name"],
        "old": len(old["scoreIDs"]) if old else None,
        "new": len(new["scoreIDs"]) if new else None,
    }


def profiles(user_id: int, name: str, changes: Iterable[Change]) -> list[Any]:
    """The ratings or classes of profiles that change, under that name."""
    told = []
    for change in changes:
        game, playtype = change.gpt.split(":")
        told.append(
            {
                "userID": user_id,
                "game": game,
                "playtype": playtype,
                name: change.name,
                "old": change.old,
                "new": change.new,
            }
        )
    return told[:MOST_LISTED]
