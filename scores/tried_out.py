"""What follows from a player's scores, at both ends of a change that is tried out.

A preview makes the change, looks, undoes it, and looks again: what it touches is known
only when it has been made. Bests, sessions and profiles are read in sets.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

from scores.copy_rows import chunks
from scores.derived import personal_bests, sessions
from scores.derived.game_stats import Profile
from scores.derived.recalculate import Touched
from scores.documents import SessionDocument, session_documents
from scores.models import GameStats

Result = TypeVar("Result")
#: How far from a touched time a session may be that shows another name than before: an
#: edit is shown within the length of a gap, and so may have belonged to its neighbour.
REACH = 2 * sessions.GAP
EMPTY = Profile({}, {})


class Derived(NamedTuple):
    """What follows from a player's scores, as far as it is touched.

    Bests by their charts (primary keys), with the values of
    `scores.derived.personal_bests.FIELDS`; documents of sessions by their ids; profiles
    by game and playtype.
    """

    bests: dict[int, tuple[Any, ...]]
    sessions: dict[str, SessionDocument]
    profiles: dict[str, Profile]


class Change(NamedTuple):
    """A value of a profile that changes: a rating, or a class of a set."""

    gpt: str
    name: str
    old: Any
    new: Any


def both_ends(
    touched: Touched, act: Callable[[], Result]
) -> tuple[Result, Derived, Derived]:
    """Do it and undo it: what it returned, and what was touched before and after.

    Within `scores.derived.change.trial_of`, or another change of the player. `act`
    notes in `touched` what it touches.
    """
    with transaction.atomic():
        result = act()
        after = _derived(touched)
        transaction.set_rollback(True)
    return result, _derived(touched), after


def _derived(touched: Touched) -> Derived:
    user_id = touched.user_id
    charts = sorted(pk for pks in touched.charts.values() for pk in pks)
    near = [
        session
        for gpt, times in touched.times.items()
        for session in sessions.near(user_id, gpt, sorted(times), REACH)
    ]
    documents = [each for some in chunks(near) for each in session_documents(some)]
    profiles = GameStats.objects.filter(user=user_id, gpt__in=touched.profiles)
    return Derived(
        {values[1]: values for _, values in personal_bests.stored(user_id, charts)},
        {each["sessionID"]: each for each in documents},
        {
            gpt: Profile(ratings, classes)
            for gpt, ratings, classes in profiles.values_list(
                "gpt", "ratings", "classes"
            )
        },
    )


def differing(before: dict[Any, Any], after: dict[Any, Any]) -> list[Any]:
    """The keys of what is in both and not the same."""
    return [key for key in before if key in after and before[key] != after[key]]


def rating_changes(before: Derived, after: Derived) -> Iterator[Change]:
    """The ratings of profiles that are others, by game, playtype and name."""
    return _changes(before, after, lambda profile: profile.ratings)


def class_changes(before: Derived, after: Derived) -> Iterator[Change]:
    """The classes of profiles that are others, by game, playtype and set."""
    return _changes(before, after, lambda profile: profile.classes)


def _changes(
    before: Derived, after: Derived, part: Callable[[Profile], dict[str, Any]]
) -> Iterator[Change]:
    for gpt in sorted(before.profiles.keys() | after.profiles.keys()):
        old = part(before.profiles.get(gpt, EMPTY))
        new = part(after.profiles.get(gpt, EMPTY))
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield Change(gpt, name, old.get(name), new.get(name))
