"""The document of a preview of reverts or restores: its shape, and its parts."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, zip_longest
from typing import Annotated, Any, NotRequired, TypedDict

import orjson

MOST_LISTED = 50  # of each list


class ChangedScore(TypedDict):
    """A score that goes, comes, stays, or says something else."""

    what: Annotated[str, "`removed`, `added`, `kept` or `changed`."]
    userID: int
    scoreID: str
    importID: Annotated[str, "Of the selection; of one that is changed, its owner."]
    chartID: str
    game: str
    playtype: str
    keptBy: Annotated[
        str | None, "Of one that is kept: the other import that sent it too."
    ]
    differs: Annotated[
        list[str], "In what the document of one that is changed would be another."
    ]


class ChangedScores(TypedDict):
    """What becomes of scores. One that is kept may be changed as well."""

    removed: NotRequired[
        Annotated[
            int,
            "By reverts: those that go. By restores of what was run again: those of the"
            " rerun that go with it.",
        ]
    ]
    added: NotRequired[
        Annotated[
            int, "By restores: those that come back. By running again: those that come."
        ]
    ]
    kept: Annotated[
        int,
        "That the selection owns and that stay, because an import that is not selected"
        " sent them too; by restores, those that are here by a later import.",
    ]
    changed: Annotated[
        int, "That stay and say something else: a time, a comment, data or meta."
    ]
    list: list[ChangedScore]


class ChangedBest(TypedDict):
    """A personal best; `old` and `new` are of the default metric."""

    what: Annotated[str, "`removed`, `changed` or `created`."]
    userID: int
    chartID: str
    game: str
    playtype: str
    old: float | None
    new: float | None


class ChangedBests(TypedDict):
    """Personal bests whose documents, apart from ranks, are others."""

    removed: int
    changed: int
    created: int
    list: list[ChangedBest]


class ChangedSession(TypedDict):
    """A session; `old` and `new` are how many scores are in it."""

    what: Annotated[str, "`removed`, `changed` or `created`."]
    userID: int
    sessionID: str
    game: str
    playtype: str
    name: str
    old: int | None
    new: int | None


class ChangedSessions(TypedDict):
    """Sessions; one that goes on under another id is one removed and one created."""

    removed: int
    changed: int
    created: int
    list: list[ChangedSession]


class ChangedProfile(TypedDict):
    """A rating of a profile that changes."""

    userID: int
    game: str
    playtype: str
    rating: str
    old: float | None
    new: float | None


class ChangedClass(TypedDict):
    """A class that changes: with a rating, or as a provided one goes or comes back."""

    userID: int
    game: str
    playtype: str
    set: str
    old: str | None
    new: str | None


class StayingClass(TypedDict):
    """A class that an import of the selection provided."""

    userID: int
    importID: str
    game: str
    playtype: str
    set: str
    value: str
    name: Annotated[str | None, "The class as it is shown."]


class ChangedClasses(TypedDict):
    """Classes that change, and provided ones that stay when their imports go."""

    changed: list[ChangedClass]
    staying: int
    list: list[StayingClass]


class Preview(TypedDict):
    """What reverting or restoring imports would do. Lists hold at most 50."""

    imports: Annotated[int, "Those of the selection that it would be done to."]
    players: int
    scores: ChangedScores
    personalBests: ChangedBests
    sessions: ChangedSessions
    profiles: list[ChangedProfile]
    classes: ChangedClasses
    orphans: Annotated[int, "That go, or come back."]
    fingerprint: Annotated[
        str,
        "Over all that would go, come, stay and change: not over what else is played.",
    ]


def listed(*kinds: Sequence[Any]) -> list[Any]:
    """The first of each kind, as many of one as of the others; kind after kind."""
    nothing = object()
    in_turns = chain.from_iterable(
        ((number, each) for number, each in enumerate(some))
        for some in zip_longest(*kinds, fillvalue=nothing)
    )
    some = [(n, each) for n, each in in_turns if each is not nothing][:MOST_LISTED]
    return [each for _, each in sorted(some, key=lambda pair: pair[0])]


def fingerprint_of(told: object) -> str:
    """The same for the same, whatever the order of keys; JSON-able."""
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def together(previews: Iterable[Preview]) -> Preview:
    """The previews of several players as one: sums, and the first of each list.

    Its fingerprint is over theirs, in whatever order they come.
    """
    all_of = list(previews)
    result: Any = {
        "imports": sum(each["imports"] for each in all_of),
        "players": sum(each["players"] for each in all_of),
    }
    for part in ("scores", "personalBests", "sessions"):
        result[part] = _summed([each[part] for each in all_of])
    if not all_of:
        result |= {
            "scores": {"removed": 0, "kept": 0, "changed": 0, "list": []},
            "personalBests": {"removed": 0, "changed": 0, "created": 0, "list": []},
            "sessions": {"removed": 0, "changed": 0, "created": 0, "list": []},
        }
    classes = [each["classes"] for each in all_of]
    result["profiles"] = _first(each["profiles"] for each in all_of)
    result["classes"] = {
        "changed": _first(each["changed"] for each in classes),
        "staying": sum(each["staying"] for each in classes),
        "list": _first(each["list"] for each in classes),
    }
    result["orphans"] = sum(each["orphans"] for each in all_of)
    result["fingerprint"] = fingerprint_of(sorted(p["fingerprint"] for p in all_of))
    return result


def _summed(parts: Sequence[Any]) -> dict[str, Any]:
    """The numbers of a part, summed up, and the first of its lists."""
    names = dict.fromkeys(chain.from_iterable(parts))
    return {
        name: _first(part[name] for part in parts)
        if name == "list"
        else sum(part.get(name, 0) for part in parts)
        for name in names
    }


def _first(lists: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(lists))[:MOST_LISTED]
