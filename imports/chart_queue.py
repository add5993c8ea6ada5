"""The chart queue: players of a chart that nobody knows make it, when they are enough.

Who has sent a play of it waits with it; the play is an orphan meanwhile. The last of
BEATORAJA_QUEUE_SIZE players has the chart made of what his client says, and his play is
a score at once; jobs bring the others' orphans home.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings

from imports import orphans
from imports.models import ChartQueuePlayer
from scores.locks import only_change_of_charts
from scores.seeds.identifiers import as_hash
from scores.seeds.unlisted import ToldOfChart, add_chart, find
from tachi.accounts.models import User
from tachi.jobs import leases, run
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job


def join(user_id: int, told_of: Sequence[ToldOfChart]) -> bool:
    """Have a player wait for charts that he has played; whether any was made.

    Before what he sent is written: cut off anywhere, it is read again, and joining
    twice counts once. Not inside a transaction.
    """
    made = [told for told in told_of if _join(user_id, told)]
    return bool(made)


def join_afterwards(user: User, told_of: Sequence[ToldOfChart]) -> None:
    """As `join`, of what is written already: his orphan waits, too."""
    if join(user.pk, told_of):
        _run_here([_orphans_of(user)])


def waiting_with(user_id: int, sha256: str) -> int:
    """How many players wait for the chart of that hash for which this one waits."""
    sha256 = as_hash(sha256)
    his = ChartQueuePlayer.objects.filter(user=user_id, sha256=sha256)
    game = his.order_by("-pk").values_list("game", "playtype").first()
    if game is None:
        return 0
    return ChartQueuePlayer.objects.filter(
        sha256=sha256, game=game[0], playtype=game[1]
    ).count()


def _join(user_id: int, told: ToldOfChart) -> bool:
    players = ChartQueuePlayer.objects.filter(
        game=told.game, playtype=told.playtype, sha256=told.sha256
    )
    # It is committed before they are counted: of two who come together the second one
    # finds both.
    ChartQueuePlayer.objects.bulk_create(
        [
            ChartQueuePlayer(
                game=told.game,
                playtype=told.playtype,
                sha256=told.sha256,
                user_id=user_id,
            )
        ],
        ignore_conflicts=True,
    )
    if find(told.game, told.playtype, told.sha256):
        players.delete()
        return True  # it was made since he looked
    if players.count() < settings.BEATORAJA_QUEUE_SIZE:
        return False
    with only_change_of_charts():
        add_chart(told)
        waiting = User.objects.filter(pk__in=players.values("user"))
        others = list(waiting.exclude(pk=user_id).order_by("pk"))
        players.delete()
        jobs = [_orphans_of(user) for user in others]
    _run_here(jobs)
    return True


def _run_here(jobs: Iterable[Job]) -> None:
    if settings.IMPORT_INLINE:  # there may be no worker for them
        for job in jobs:
            if taken := leases.take(job.pk):
                run.run(taken, wake=False)


def _orphans_of(user: User) -> Job:
    return enqueue(orphans.KIND, user, wake=not settings.IMPORT_INLINE)
