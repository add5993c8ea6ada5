"""What differs between a recorded document and ours, but for what has to.

Ids and times that differ from run to run are compared by their kind; lists that have
no order are compared by what identifies the documents in them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

VOLATILE = {"timeAdded", "timeInserted", "lockedAt", "notifID", "sentAt"}
TIMES = {"timeAchieved", "timeStarted", "timeEnded"}
ORDERED = {"composedFrom", "errors", "importStatus"}
ID = re.compile(r"[0-9a-f]{40}")


class Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING = Nothing()


@dataclass(frozen=True)
class Mismatch:
    """A place at which two documents differ; `around` are the two that it is in."""

    path: tuple
    theirs: Any
    ours: Any
    around: tuple = field(default=(None, None), repr=False)

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: recorded {short(self.theirs)}, ours {short(self.ours)}"


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}…"


@dataclass(frozen=True)
class Side:
    """How one side is to be read: which ids it calls what, and when it happened.

    Sessions keep their ids and names where both sides are ours.
    """

    started: int
    ids: dict[str, str] = field(default_factory=dict)
    chosen_names: frozenset[str] = frozenset()
    keeps_sessions: bool = False

    def plain(self, value: Any, key: str = "") -> Any:
        """A value without what differs from run to run."""
        if isinstance(value, dict):
            return self._document(value)
        if isinstance(value, list):
            return self._list(value, key)
        if key in TIMES and type(value) is int and value >= self.started:
            return "now"
        if key == "url" and isinstance(value, str):
            return ID.sub(lambda id_: self.ids.get(id_[0], id_[0]), value[-64:])
        return value

    def _list(self, value: list, key: str) -> list:
        if key in ("createdSessions", "appendedSessions"):
            return [session["type"] for session in value]
        return [self.plain(each) for each in value]

    def _document(self, value: dict) -> dict:
        changed = {key: kind(value[key]) for key in value if key in VOLATILE}
        if "importID" in value:
            id_ = value["importID"]
            failed = value.get("type") == "FAILED"
            changed["importID"] = kind(id_) if failed else self.ids.get(id_, id_)
            times = ("timeStarted", "timeFinished")
            changed |= {key: kind(value[key]) for key in times if key in value}
        if "sessionID" in value and "scoreIDs" in value and not self.keeps_sessions:
            changed |= {"sessionID": kind(value["sessionID"])}
            changed |= {"scoreIDs": sorted(value["scoreIDs"])}
            if value["name"] not in self.chosen_names:
                changed["name"] = kind(value["name"])
        return {
            key: changed[key] if key in changed else self.plain(value[key], key)
            for key in value
        }


def kind(value: Any) -> str | None:
    return None if value is None else f"any {type(value).__name__}"


def mismatches(theirs: Any, ours: Any, path=(), around=()) -> Iterator[Mismatch]:
    """Where two plain values differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _of_documents(theirs, ours, path)
    elif _alike(theirs, ours, path):
        keyed = _by_key(theirs), _by_key(ours)
        yield from _of_documents(*keyed, path)
    elif not same(theirs, ours):
        yield Mismatch(path, theirs, ours, around)


def _of_documents(theirs: dict, ours: dict, path) -> Iterator[Mismatch]:
    for key in [*theirs, *(key for key in ours if key not in theirs)]:
        pair = theirs.get(key, NOTHING), ours.get(key, NOTHING)
        yield from mismatches(*pair, (*path, key), (theirs, ours))


def same(theirs: Any, ours: Any) -> bool:
    """Equal, and of the same kind where that shows on the wire."""
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return theirs is ours
    return theirs == ours


def _alike(theirs: Any, ours: Any, path) -> bool:
    """Whether both are lists of documents."""
    if not (isinstance(theirs, list) and isinstance(ours, list)):
        return False
    return bool(theirs or ours) and all(
        isinstance(each, dict) for each in (*theirs, *ours)
    )


def _by_key(documents: list[dict]) -> dict:
    keyed, times = {}, Counter()
    for number, document in enumerate(documents):
        key = identity(document)
        times[key] += 1
        if key is None:
            key = number
        elif times[key] > 1:
            key = (key, times[key])
        keyed[key] = document
    return keyed


def identity(document: dict) -> tuple | str | None:
    """What tells a document from others in a list; None where its place does."""
    if "name" in document and "scoreID" in document and len(document) == 2:
        return None  # a part of a personal best
    if document.get("type") == "FAILED":
        return f"user {document['userID']}: {document['error']['message'][:12]}"
    if "sessionID" in document and "scoreIDs" in document:
        return "session of " + ", ".join(id_[:9] for id_ in document["scoreIDs"])
    if "importID" in document:
        return document["importID"]
    if "composedFrom" in document:
        return document["chartID"], document["userID"]
    for key in ("scoreID", "orphanID", "chartID", "id"):
        if key in document:
            return document[key]
    told = [document[key] for key in ("game", "playtype", "set") if key in document]
    return tuple(told) or None
