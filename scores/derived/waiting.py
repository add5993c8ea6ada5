"""Players who wait to be rated again, and the job that does it, player by player."""

import logging
import traceback
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, QuerySet

from scores.copy_rows import chunks
from scores.derived.rerate import rerate_if_waiting
from scores.locks import Busy, only_change_of
from scores.models import PlayerToRerate, Score
from tachi.jobs import leases
from tachi.jobs.enqueue import enqueue
from tachi.jobs.leases import Superseded
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow, Report, run_to_end

logger = logging.getLogger(__name__)

KIND = "rerate"
PATIENCE_SECONDS = 0.2  # for a player's lock: the job comes back to who is busy
DESCRIPTION = "Rating players again."


def wait_for_charts(charts: Iterable[int], since: datetime) -> tuple[int, int]:
    """Those with scores on these charts wait from now on, and a job begins with them.

    `since` is the charts version of the change, in whose transaction this is. Returns
    how many scores there are on the charts, and how many players have them.
    """
    players: Counter[tuple[int, str]] = Counter()
    for pks in chunks(charts):
        scores = Score.objects.filter(chart__in=pks).values_list("user", "gpt")
        for user, gpt, count in scores.annotate(count=Count("pk")):
            players[user, gpt] += count
    # Who waits already does so since an earlier version, which covers this one.
    PlayerToRerate.objects.bulk_create(
        (PlayerToRerate(user_id=user, gpt=gpt, since=since) for user, gpt in players),
        batch_size=1000,
        ignore_conflicts=True,
    )
    users = {user for user, _ in players}
    for some in chunks(users):
        PlayerToRerate.objects.filter(user__in=some).update(problem="")
    return players.total(), len(users)


def wait_for_formulas(scores: QuerySet[Score]) -> None:
    """The players of these scores wait, with all that they have played in each game."""
    players = sorted(scores.values_list("user", "gpt").distinct())
    PlayerToRerate.objects.bulk_create(
        (PlayerToRerate(user_id=user, gpt=gpt) for user, gpt in players),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["user", "gpt"],
        update_fields=["since", "problem"],
    )


def start(*, wake: bool = True) -> Job | None:
    """The job that rates who waits again; None where nobody does."""
    if not PlayerToRerate.objects.exists():
        return None
    return enqueue(KIND, wake=wake)


def run_here(report: Report) -> Job | None:
    """The same in the foreground; returns it as it ended, or where it was paused."""
    job = start(wake=False)
    return job and run_to_end(job, report)


def gpts_waiting(user_id: int) -> list[str]:
    """The games and playtypes in which a player waits."""
    found = PlayerToRerate.objects.filter(user=user_id).order_by("gpt")
    return list(found.values_list("gpt", flat=True))


def step(job: Job) -> bool:
    """Rate the next player again who waits; whether there may be more.

    Who is busy is left out, until all others are done. Raises NotNow when only the busy
    are left.
    """
    waiting = PlayerToRerate.objects.filter(problem="")
    after = job.cursor.get("after", 0)
    ahead = waiting.filter(user__gt=after).order_by("user")
    user_id = ahead.values_list("user", flat=True).first()
    if user_id is None:
        return _begin_again(job, waiting)
    if not after:
        job.total = job.done + waiting.values("user").distinct().count()
    try:
        with only_change_of(user_id, PATIENCE_SECONDS, of_imports=False):
            profiles, changed = rerate_if_waiting(user_id)
            _store(job, user_id, players=1, profiles=profiles, scores=changed)
    except Busy:
        with transaction.atomic():
            leases.store(job, cursor={**job.cursor, "after": user_id})
    except (Superseded, OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("User %s could not be rated again.", user_id)
        with transaction.atomic():
            of_user = PlayerToRerate.objects.filter(user=user_id)
            of_user.update(problem=traceback.format_exc())
            _store(job, user_id, failed=1)
    return True


def _store(job: Job, user_id: int, **more: int) -> None:
    counted: Counter[str] = Counter(job.result)
    counted.update(more)
    leases.store(
        job,
        cursor={"after": user_id, "moved": True},
        description=DESCRIPTION,
        done=job.done + 1,
        total=job.total,
        result=dict(counted),
    )


def _begin_again(job: Job, waiting: QuerySet[PlayerToRerate]) -> bool:
    """Come back to those who were busy; False where there are none."""
    if not waiting.exists():
        return False
    moved = job.cursor.get("moved", False)
    with transaction.atomic():
        leases.store(job, cursor={})
    if not moved:
        raise NotNow("Only players are left whose scores are being changed.")
    return True
