"""A snapshot of every profile, once a day: for curves of ratings and ranks in time.

A job takes them, a hundred players of one game in each step. Who asks twice on one day
gets one: what is there already stays.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from scores.games import GAMES
from scores.models import GameStats, ProfileSnapshot, Score
from tachi.jobs import leases
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job

KIND = "snapshots"
AT_ONCE = 100  # profiles in a step, which is to be well below a second
DESCRIPTION = "Taking a snapshot of each profile."


def start() -> Job:
    """The job that takes today's snapshots."""
    return enqueue(KIND)


def step(job: Job) -> bool:
    """Take the snapshots of the next players; whether there may be more.

    The cursor is the day, the place of a game in GAMES, and the last player of it.
    """
    today = timezone.now().date()
    day = date.fromisoformat(job.cursor.get("day", today.isoformat()))
    place, after = job.cursor.get("game", 0), job.cursor.get("after", 0)
    gpts = list(GAMES)
    if place >= len(gpts):
        return False
    of_game = GameStats.objects.filter(gpt=gpts[place])
    profiles = list(of_game.filter(user__gt=after).order_by("user")[:AT_ONCE])
    if len(profiles) < AT_ONCE:
        place, after = place + 1, 0
    else:
        after = profiles[-1].user_id
    with transaction.atomic():
        snapshots = take(profiles, day)
        ProfileSnapshot.objects.bulk_create(snapshots, ignore_conflicts=True)
        leases.store(
            job,
            cursor={"day": day.isoformat(), "game": place, "after": after},
            description=DESCRIPTION,
            done=job.done + len(profiles),
            result={"profiles": job.done + len(profiles)},
        )
    return True


def take(profiles: Iterable[GameStats], day: date) -> list[ProfileSnapshot]:
    """Snapshots of these profiles of one game, not saved; two statements."""
    profiles = list(profiles)
    if not profiles:
        return []
    gpt = profiles[0].gpt
    ranks = Ranks(gpt)
    scores = Score.objects.filter(gpt=gpt, user__in=[each.user_id for each in profiles])
    plays = dict(scores.values_list("user").annotate(count=Count("pk")).order_by())
    now = timezone.now()
    return [
        ProfileSnapshot(
            user_id=stats.user_id,
            gpt=gpt,
            day=day,
            taken_at=now,
            ratings=stats.ratings,
            classes=stats.classes,
            rankings=ranks.of(stats.ratings),
            playcount=plays.get(stats.user_id, 0),
        )
        for stats in profiles
    ]


class Ranks:
    """The ratings of all players of a game, to rank one of them; one statement."""

    def __init__(self, gpt: str) -> None:
        ratings = GameStats.objects.filter(gpt=gpt).values_list("ratings", flat=True)
        players = list(ratings)
        self.players = len(players)
        self.rated: dict[str, list[float]] = {}
        for each in players:
            for name, rating in each.items():
                if rating is not None:
                    self.rated.setdefault(name, []).append(rating)
        for values in self.rated.values():
            values.sort()

    def of(self, ratings: Mapping[str, float | None]) -> dict[str, dict[str, int]]:
        """Rating → `{ranking, outOf}`; who has none is behind all who have one."""
        return {
            name: {"ranking": self._ahead(name, rating) + 1, "outOf": self.players}
            for name, rating in ratings.items()
        }

    def _ahead(self, name: str, rating: float | None) -> int:
        values = self.rated.get(name, [])
        return len(values) - (0 if rating is None else bisect_right(values, rating))
