"""Sessions: a player's timestamped scores, split wherever two hours pass without one.

The partition is a function of the set of scores: sessions merge when a score between
them is inserted, and split when it is deleted. A session is identified by its *anchor*,
the score whose time was told first (lowest sequence of the import that told it, then
score id). So a session that grows keeps its id, a merged one has the older id, and a
split keeps the id on the anchor's side. A time that a later import tells of an old
score is as late as that import: it renames no session, and makes none older.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from hashlib import sha256
from operator import attrgetter, or_
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from scores import copy_rows
from scores.copy_rows import chunks
from scores.games import get_game
from scores.models import Score, Session
from scores.models.fields import hashed
from scores.score_rows import ScoreRow
from tachi.prepared import Prepared

GAP = 2 * 60 * 60 * 1000  # milliseconds
COLUMNS = ("anchor", "time_started", "time_ended", "time_inserted", "ratings")
ATTRIBUTES = ("session_id", "user_id", "gpt", *COLUMNS)
FEW = 20  # times for which one statement finds sessions with their scores
SESSION = [field.attname for field in Session._meta.concrete_fields]
#: The columns of a score that make a `Member`, after its primary key.
MEMBER = (
    "pk",
    "time_achieved",
    "score_id",
    "source_import__sequence",
    "time_added",
    "timed_by",
    "timed_at",
    "rating_1",
    "rating_2",
    "rating_3",
)


class Member(NamedTuple):
    """What sessions need of a timestamped score. Times are in unix milliseconds.

    `sequence` is that of the import that told the time, `told_at` when it did.
    """

    time_achieved: int
    score_id: str
    sequence: int
    told_at: int
    ratings: tuple[float | None, ...]


def session_id(user_id: int, gpt: str, anchor: str) -> str:
    """ "Q" and 40 hex digits: SHA-256 of who played what, and the anchor."""
    return "Q" + sha256(f"{user_id} {gpt} {anchor}".encode()).hexdigest()[:40]


def partition(members: Iterable[Member]) -> Iterator[list[Member]]:
    """The members in order of play, cut where more than two hours lie between two."""
    group: list[Member] = []
    for member in sorted(members):
        if group and member.time_achieved - group[-1].time_achieved > GAP:
            yield group
            group = []
        group.append(member)
    if group:
        yield group


def session_of(user_id: int, gpt: str, group: Sequence[Member]) -> Session:
    """The session of a group of members in order of play; not saved."""
    anchor = min(group, key=attrgetter("sequence", "score_id"))
    return Session(
        session_id=session_id(user_id, gpt, anchor.score_id),
        user_id=user_id,
        gpt=gpt,
        anchor=anchor.score_id,
        time_started=group[0].time_achieved,
        time_ended=group[-1].time_achieved,
        time_inserted=anchor.told_at,
        ratings=get_game(gpt).session_ratings_of([member.ratings for member in group]),
    )


def members_of(
    scores: QuerySet[Score],
) -> Iterator[tuple[int, int | None, Member]]:
    """(score pk, session pk, member) of each timestamped score of a queryset."""
    timed = scores.filter(time_achieved__isnull=False)
    rows: Iterable[tuple[Any, ...]] = timed.values_list("session_id", *MEMBER)
    for session, pk, *values in rows:
        yield pk, session, _member_of(*values)


def _member_of(
    time: int,
    score_id: str,
    sequence: int,
    added: int,
    timed_by: int | None,
    timed_at: int | None,
    *ratings: float | None,
) -> Member:
    if timed_by is not None and timed_at is not None:
        sequence, added = timed_by, timed_at
    return Member(time, score_id, sequence, added, ratings)


def refresh(
    user_id: int, gpt: str, times: Iterable[int], new_rows: Sequence[ScoreRow]
) -> dict[str, int]:
    """Bring the sessions within reach of these times up to date.

    `times` are those of scores that are inserted, deleted or changed. Those that are to
    be inserted are `new_rows`; returns the session (primary key) of each timed one, by
    score id.
    """
    times = sorted(set(times))
    if not times:
        return {}
    old, stored = _within_reach(user_id, gpt, times)
    inserted = [
        _member(row, time)
        for row in new_rows
        if row.gpt == gpt and (time := row.time_achieved) is not None
    ]
    session_pks = _write(user_id, gpt, old, stored, inserted)
    return {member.score_id: session_pks[member.score_id] for member in inserted}


def rebuild(user_id: int, gpt: str) -> None:
    """Bring all of the user's sessions in one game and playtype up to date."""
    scores = Score.objects.filter(user=user_id, gpt=gpt)
    scores.filter(time_achieved=None).update(session=None)
    old = list(Session.objects.filter(user=user_id, gpt=gpt))
    _write(user_id, gpt, old, list(members_of(scores)), [])


def _write(
    user_id: int,
    gpt: str,
    old: list[Session],
    stored: list[tuple[int, int | None, Member]],
    inserted: list[Member],
) -> dict[str, int]:
    """Replace the old sessions by those of these scores.

    Returns the session (primary key) of each score, by score id.
    """
    members = [*(member for _, _, member in stored), *inserted]
    groups = list(partition(members))
    sessions = [session_of(user_id, gpt, group) for group in groups]
    _save(old, sessions)
    session_pks: dict[str, int] = {}
    for session, group in zip(sessions, groups, strict=True):
        session_pks.update((member.score_id, session.pk) for member in group)
    kept = {session.pk for session in sessions}
    for pks in chunks(session.pk for session in old if session.pk not in kept):
        Session.objects.filter(pk__in=pks).delete()
    _move(pk for pk, now, member in stored if session_pks[member.score_id] != now)
    return session_pks


def _within_reach(
    user_id: int, gpt: str, times: list[int]
) -> tuple[list[Session], list[tuple[int, int | None, Member]]]:
    """The sessions that a score at one of these (sorted) times may be part of, and the
    scores that are in them now.
    """
    if len(times) <= FEW:
        from_, to = [t - GAP for t in times], [t + GAP for t in times]
        return _of_rows(_with_members(user_id, gpt, from_, to))
    old = near(user_id, gpt, times)
    stored = [
        row
        for pks in chunks(session.pk for session in old)
        for row in members_of(Score.objects.filter(session__in=pks))
    ]
    return old, stored


def near(
    user_id: int, gpt: str, times: Sequence[int], reach: int = GAP
) -> list[Session]:
    """The sessions that one of these (sorted) times is in, or at most `reach` from."""
    spanned = Session.objects.filter(
        time_ended__gte=times[0] - reach,
        time_started__lte=times[-1] + reach,
        user=user_id,
        gpt=gpt,
    )
    return [session for session in spanned if _reaches(session, times, reach)]


@Prepared
def _with_members(
    user_id: int, gpt: str, from_: list[int], to: list[int]
) -> QuerySet[Session, tuple[Any, ...]]:
    """Each session that any of the spans of time meets, with each of its scores."""
    spans = zip(from_, to, strict=True)
    meets = (Q(time_ended__gte=a, time_started__lte=b) for a, b in spans)
    found = Session.objects.filter(reduce(or_, meets), user=user_id, gpt=gpt)
    return found.values_list(*SESSION, *(f"scores__{column}" for column in MEMBER))


def _of_rows(
    rows: Iterable[Sequence[Any]],
) -> tuple[list[Session], list[tuple[int, int | None, Member]]]:
    found: dict[int, Session] = {}
    members = []
    for values in rows:
        pk, score_pk, time = values[0], *values[len(SESSION) :][:2]
        if pk not in found:
            found[pk] = Session.from_db("default", SESSION, values[: len(SESSION)])
        if time is not None:
            member = _member_of(*values[len(SESSION) + 1 :])
            members.append((score_pk, pk, member))
    return list(found.values()), members


def _reaches(session: Session, times: Sequence[int], reach: int) -> bool:
    first = bisect_left(times, session.time_started - reach)
    return first < len(times) and times[first] <= session.time_ended + reach


def _member(row: ScoreRow, time: int) -> Member:
    owners = row.sequence, row.time_added
    timed = row.timed_by, row.timed_at
    return _member_of(time, row.score_id, *owners, *timed, *row.ratings)


def _save(old: list[Session], sessions: list[Session]) -> None:
    """Write the sessions that are new or changed, and set the primary key of all."""
    before = {session.session_id: session for session in old}
    changed = []
    for session in sessions:
        known = before.get(session.session_id)
        if known is None or differing(known, session):
            changed.append(session)
        else:
            session.pk = known.pk
    at_once = (connection.features.max_query_params or 4000) // len(ATTRIBUTES)
    for some in chunks(changed, at_once):
        rows = [[getattr(each, name) for name in ATTRIBUTES] for each in some]
        pks = copy_rows.upsert_for_ids(Session, ATTRIBUTES, rows, "session_id")
        for session, hash_ in zip(
            some, hashed(each.session_id for each in some), strict=True
        ):
            session.pk = pks[hash_]


def differing(a: Session, b: Session) -> list[str]:
    """The columns in which two sessions of the same id differ."""
    return [name for name in COLUMNS if getattr(a, name) != getattr(b, name)]


def _move(pks: Iterable[int]) -> None:
    """Assign stored scores to the session that covers their time."""
    pks = list(pks)
    if not pks:
        return
    covering = Session.objects.filter(
        user=OuterRef("user"),
        gpt=OuterRef("gpt"),
        time_started__lte=OuterRef("time_achieved"),
        time_ended__gte=OuterRef("time_achieved"),
    )
    for chunk in chunks(pks):
        scores = Score.objects.filter(pk__in=chunk)
        scores.update(session=Subquery(covering.values("pk")[:1]))
