"""Checking, and repairing, that derived rows are what the facts give, and that scores
say what their claims say together.

The check calculates everything from the facts, with the functions that
`scores.derived.recalculate` uses for what was touched, and compares row by row.
"""

from collections.abc import Iterable, Iterator

from django.db import transaction

from scores.copy_rows import chunks
from scores.derived import game_stats, personal_bests, sessions
from scores.derived.claimed import remove_uncomposed, uncomposed
from scores.derived.recalculate import Touched, insert_and_recalculate
from scores.derived.rerate import outdated_scores, rerate_if_waiting, save
from scores.locks import only_change_of
from scores.models import (
    Chart,
    ClassClaim,
    GameStats,
    PersonalBest,
    Score,
    Session,
)


def check_user(user_id: int, *, repair: bool = False) -> list[str]:
    """What differs from the facts, a sentence each.

    With `repair` it is corrected, in one transaction under the user's lock. That a
    player waits to be rated again (`waiting.gpts_waiting`) is no difference. Raises
    `scores.locks.Busy`.
    """
    with only_change_of(user_id, of_imports=repair):
        if repair:
            rerate_if_waiting(user_id)
            found = list(_differences(user_id))
        else:
            found = _differences_but_for_waiting(user_id)
        if found and repair:
            _repair(user_id)
    return found


def _differences_but_for_waiting(user_id: int) -> list[str]:
    """What would differ still if the player, who may wait for it, were rated again."""
    with transaction.atomic():
        rerate_if_waiting(user_id)
        found = list(_differences(user_id))
        transaction.set_rollback(True)
    return found


def played_gpts(user_id: int) -> list[str]:
    """Every game and playtype of which there is any row of this user."""
    tables = (Score, Session, PersonalBest, GameStats, ClassClaim)
    return sorted(
        {
            gpt
            for table in tables
            for gpt in table.objects.filter(user=user_id)
            .values_list("gpt", flat=True)
            .distinct()
        }
    )


def _differences(user_id: int) -> Iterator[str]:
    for gpt in played_gpts(user_id):
        yield from _wrong_scores(user_id, gpt)
        yield from _wrong_sessions(user_id, gpt)
        yield from _wrong_bests(user_id, gpt)
        yield from _wrong_stats(user_id, gpt)
    scores = Score.objects.filter(user=user_id)
    for score in scores.exclude(source_import__state="completed"):
        yield f"Score {score} belongs to an import that is not completed."


def _wrong_scores(user_id: int, gpt: str) -> Iterator[str]:
    for score in outdated_scores(Score.objects.filter(user=user_id, gpt=gpt)):
        yield f"Score {score} is not derived and rated as its chart has it."
    for _, row in uncomposed(user_id, gpt):
        yield f"Score {row.score_id} does not say what its claims say together."


def _wrong_sessions(user_id: int, gpt: str) -> Iterator[str]:
    ours = {"user": user_id, "gpt": gpt}
    stored = {each.session_id: each for each in Session.objects.filter(**ours)}
    members = list(sessions.members_of(Score.objects.filter(**ours)))
    session_pks = {member.score_id: session for _, session, member in members}
    for group in sessions.partition(member for _, _, member in members):
        right = sessions.session_of(user_id, gpt, group)
        session = stored.pop(right.session_id, None)
        if session is None:
            yield f"Session {right} of {gpt} is missing."
            continue
        for name in sessions.differing(session, right):
            yield f"Session {session} of {gpt} has a wrong {name}."
        for member in group:
            if session_pks[member.score_id] != session.pk:
                yield f"Score {member.score_id} is not in its session {session}."
    for session in stored.values():
        yield f"Session {session} of {gpt} should not exist."
    for score in Score.objects.filter(
        **ours, time_achieved=None, session__isnull=False
    ):
        yield f"Score {score} has no time and is in a session."


def _wrong_bests(user_id: int, gpt: str) -> Iterator[str]:
    ours = {"user": user_id, "gpt": gpt}
    scores = Score.objects.filter(**ours)
    played_on = scores.values_list("chart_id", flat=True).distinct()
    charts = {pk: chart for pks in chunks(played_on) for pk, chart in _charts(pks)}
    plays = personal_bests.plays(user_id, charts)
    right = {
        values[1]: values
        for values in personal_bests.bests(user_id, gpt, plays, charts)
    }
    held = PersonalBest.objects.filter(**ours).values_list("chart_id", flat=True)
    for _, values in personal_bests.stored(user_id, held):
        if right.pop(values[1], None) != values:
            yield f"The best of user {user_id} on chart {values[1]} ({gpt}) is wrong."
    for chart_pk in right:
        yield f"The best of user {user_id} on chart {chart_pk} ({gpt}) is missing."


def _charts(pks: list[int]) -> Iterable[tuple[int, Chart]]:
    return Chart.objects.in_bulk(pks).items()


def _wrong_stats(user_id: int, gpt: str) -> Iterator[str]:
    stats = GameStats.objects.filter(user=user_id, gpt=gpt).first()
    stored = game_stats.Profile(stats.ratings, stats.classes) if stats else None
    if stored != game_stats.profile(user_id, gpt):
        yield f"The stats of user {user_id} in {gpt} are wrong."


def _repair(user_id: int) -> None:
    """Calculate everything derived from the facts alone."""
    touched = Touched(user_id)
    gpts = played_gpts(user_id)
    rows = [row for gpt in gpts for row in remove_uncomposed(touched, gpt)]
    ours = Score.objects.filter(user=user_id)
    save(list(outdated_scores(ours)))
    PersonalBest.objects.filter(user=user_id).delete()
    for gpt in gpts:
        sessions.rebuild(user_id, gpt)
        touched.profiles.add(gpt)
    for gpt, chart in ours.values_list("gpt", "chart_id"):
        touched.score(gpt, chart, None)
    insert_and_recalculate(touched, rows)
