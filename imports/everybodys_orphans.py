"""The site's jobs that try everybody's orphans again.

One comes with every change of charts, and tries those of games whose charts are not
the ones with which they were tried last; one comes daily and tries all: formats and
games learn, too. They are read many together, of however many players, and whatever is
to be written is written player by player, with the place where the job is.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from imports import orphans as of_player
from imports.models import Orphan, State
from imports.orphan_rows import Row
from imports.orphans import UNNEEDED, Outcome, Reading, read_orphans, summed, try_again
from scores.locks import Busy
from scores.models import Chart
from tachi.accounts.models import User
from tachi.jobs import leases
from tachi.jobs import models as jobs
from tachi.jobs.enqueue import enqueue
from tachi.jobs.leases import Superseded
from tachi.jobs.models import Job
from tachi.jobs.run import NotNow

logger = logging.getLogger(__name__)

AFTER_CHARTS = "orphans-of-changed-charts"
DAILY = "all-orphans"
KINDS = (AFTER_CHARTS, DAILY)
CHUNK_SIZE = 500  # orphans that are in memory together
PATIENCE_SECONDS = 0.2  # for a player's lock; who is busy has a job of their own then
SET_ASIDE = "This row could not be made a score. The log of the site says why."
BUSY = "left to jobs of their players"  # in the result of a job: how many orphans


def step(job: Job) -> bool:
    """The job's next chunk; whether there may be more. Raises NotNow."""
    if not job.cursor:
        return _begin(job, all_games=job.kind == DAILY, tried_with=_tried_with())
    orphans = _chunk(job)
    if not orphans:
        # Charts may have changed since it began, and whoever changed them joined it.
        return _begin(job, tried_with=job.cursor["charts"])
    reading = read_orphans(orphans)
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in reading.rows:
        rows[row.orphan.user_id].append(row)
    pending: Outcome = {}
    for user_id, group in groupby(orphans, key=lambda orphan: orphan.user_id):
        own, read = list(group), Reading(rows[user_id], reading.versions)
        if read.changes_nothing:
            pending = summed(pending, {"processed": len(own), "failed": len(own)})
        else:
            _try_player(job, own, read, pending)
            pending = {}
    with transaction.atomic():
        _store(job, orphans[-1], pending)
    return True


def _try_player(
    job: Job, own: Sequence[Orphan], reading: Reading, before: Outcome
) -> None:
    """Try one player's of a chunk; `before` is what became of the players before."""
    try:
        try_again(
            own,
            PATIENCE_SECONDS,
            lambda outcome: _store(job, own[-1], before, outcome),
            reading,
        )
    except Busy:
        _leave_to_player(job, own, before)
    except (Superseded, OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Orphans of user %s could not become scores.", own[0].user_id)
        with transaction.atomic():
            of_player.tell([row._replace(problem=SET_ASIDE) for row in reading.scores])
            count = {"processed": len(own), "failed": len(own)}
            _store(job, own[-1], before, count)


def _leave_to_player(job: Job, own: Sequence[Orphan], before: Outcome) -> None:
    """A player who is busy does not keep the others waiting."""
    try:
        with transaction.atomic():
            if user := User.objects.filter(pk=own[0].user_id).first():
                enqueue(of_player.KIND, user)
            _store(job, own[-1], before, left=len(own))
    except IntegrityError as error:  # the user is just being deleted
        raise NotNow(str(error)) from error


def _store(job: Job, last: Orphan, *outcomes: Outcome, left: int = 0) -> None:
    """Store that the job has come as far as this orphan, and what came of it."""
    result = summed(job.result, *outcomes)
    left += job.result.get(BUSY, 0)
    done = result["processed"] + left
    leases.store(
        job,
        cursor={**job.cursor, "user": last.user_id, "after": last.pk},
        done=done,
        total=max(done, job.total or 0),
        result={**result, **({BUSY: left} if left else {})},
    )


def _begin(job: Job, *, tried_with: Mapping[str, str], all_games: bool = False) -> bool:
    """Begin with the orphans of the games whose charts they were not tried with.

    False where there are none of them.
    """
    charts = _charts_now()
    last = Orphan.objects.aggregate(last=Coalesce(Max("pk"), 0))["last"]
    waiting = Orphan.objects.filter(pk__lte=last).order_by()
    games = [game for game, now in charts.items() if tried_with.get(game) != now]
    if all_games:
        games = sorted(waiting.values_list("game", flat=True).distinct())
    total = waiting.filter(game__in=games).count() if games else 0
    where = {"games": games, "user": 0, "after": 0, "last": last}
    with transaction.atomic():
        leases.store(
            job,
            cursor={"charts": charts, **where},
            total=job.done + total,
            description=f"Trying {total} orphans again.",
            result=job.result or summed(),
        )
    return total > 0


def _chunk(job: Job) -> list[Orphan]:
    """The next orphans, in the order of players and then of primary keys."""
    cursor = job.cursor
    ahead = Orphan.objects.filter(
        pk__lte=cursor["last"],
        game__in=cursor["games"],
        source_import__state=State.COMPLETED,
    )
    importless = [f"source_import__{name}" for name in UNNEEDED]
    ahead = ahead.select_related("source_import").defer(*importless)
    same = ahead.filter(user=cursor["user"], pk__gt=cursor["after"]).order_by("pk")
    found = list(same[:CHUNK_SIZE])
    if len(found) < CHUNK_SIZE:
        others = ahead.filter(user__gt=cursor["user"]).order_by("user", "pk")
        found += others[: CHUNK_SIZE - len(found)]
    return found


def _tried_with() -> dict[str, str]:
    """The charts versions with which the last of these jobs has tried all orphans."""
    done = Job.objects.filter(kind__in=KINDS, user=None, state=jobs.State.DONE)
    last = done.order_by("-finished_at").first()
    return last.cursor.get("charts", {}) if last else {}


def _charts_now() -> dict[str, str]:
    """The charts version of every game that has charts."""
    versions = Chart.objects.order_by("game").values("game")
    return {
        row["game"]: row["version"].isoformat()
        for row in versions.annotate(version=Max("changed_at"))
    }
