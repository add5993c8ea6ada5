"""The site that `make screenshots` shows: some players, what they sent, and a mishap.

`clock.back(…)` says when what comes next happens.
"""

import json
import random
from datetime import timedelta
from itertools import cycle

from imports.batches import control
from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.demo import make_demo_imports
from imports.models import Import, Origin, RequestedBy, RevertBatch, Worker
from imports.once import Sent
from imports.pipeline import accept, submit
from imports.queue import leases
from imports.rules.stop import Wanted, stop_source
from scores.models import Chart
from tachi.accounts import tokens
from tachi.accounts.models import ApiToken, User
from tests.rights.people import make_moderator

OWNER, MODERATOR = "mio", "vera"
PLAYERS = ("tomo", "penn", "kawa", "lisbet", "halcyon")
HOOK, BROKEN_HOOK = "cab-logger/1.4.2", "cab-logger/1.5.0"
WHAT_HAPPENED = "cab-logger 1.5.0 sent every play with a score of 0."
#: How much is played in each hour of the last day: little at night.
OF_AN_HOUR = (5, 6, 4, 4, 2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 3, 5, 6, 7, 2)
LAMPS = ("FAILED", "CLEAR", "CLEAR", "EXCESSIVE CLEAR", "ULTIMATE CHAIN")


class Story:
    """Makes what is there, from two days ago up to the evening."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.chance = random.Random(2026)
        self.charts = list(Chart.objects.filter(game="sdvx").select_related("song"))
        self.charts.sort(key=lambda chart: chart.chart_id)
        names = (OWNER, *PLAYERS)
        self.users = {name: User.objects.create_user(name) for name in names}
        moderator = make_moderator(username=MODERATOR)
        self.by = RequestedBy(moderator, Origin.ADMIN)
        self.tokens: dict[str, ApiToken] = {}

    def tell(self) -> None:
        self.clock.back(days=3)
        self.issue_tokens()
        self.let_them_play()
        self.clock.back(minutes=26)
        owners = make_demo_imports(self.users[OWNER])
        self.clock.back(minutes=21)
        self.revert_the_broken_ones(reported_by=owners[0].user.username)
        self.clock.back(minutes=14)
        self.refuse_one()
        self.clock.back(minutes=2)
        self.draft_another()
        self.clock.back(seconds=4)
        self.leave_some_running()
        self.clock.back()
        Worker.objects.create(
            name="worker-1.example:204",
            processes=2,
            since=self.clock() - timedelta(days=9),
            last_seen=self.clock(),
        )

    def issue_tokens(self) -> None:
        for name, user in self.users.items():
            by = RequestedBy(user, Origin.API).acting
            tokens.issue(user, ["submit_score"], "cab-logger", by)
            self.tokens[name] = ApiToken.objects.get(user=user)

    def let_them_play(self) -> None:
        """A day of everybody; towards its end the hook of some was broken."""
        hours = [hour for hour, many in enumerate(OF_AN_HOUR) for _ in range(many)]
        for number, (hour, name) in enumerate(zip(hours, cycle(PLAYERS), strict=False)):
            self.clock.back(hours=23 - hour, minutes=38 - number % 11)
            broken = hour >= 20 and name in PLAYERS[1:4]
            self.send(name, self.plays(2 + number % 4, broken), broken)

    def plays(self, how_many: int, broken: bool = False) -> list[dict]:
        first = int(self.clock().timestamp() * 1000) - how_many * 180_000
        return [
            {
                "matchType": "tachiSongID",
                "identifier": str(chart.song.song_id),
                "difficulty": chart.difficulty,
                "score": 0 if broken else self.chance.randrange(8_600_000, 9_990_000),
                "lamp": "FAILED" if broken else self.chance.choice(LAMPS[:-1]),
                "timeAchieved": first + number * 180_000,
            }
            for number, chart in enumerate(self.chance.sample(self.charts, how_many))
        ]

    def send(self, name, plays, broken=False, run=True, game="sdvx") -> Import:
        """As the hook of a cabinet sends it."""
        meta = {"game": game, "playtype": "Single", "service": "cab-logger"}
        sent = Sent(
            self.users[name],
            "ir/direct-manual",
            json.dumps({"meta": meta, "scores": plays}).encode(),
            token=self.tokens[name],
            user_agent=BROKEN_HOOK if broken else HOOK,
        )
        return submit(sent, here=True) if run else accept(sent, inline=True)

    def revert_the_broken_ones(self, reported_by: str) -> None:
        """All that the broken version has sent is reverted, and it is stopped."""
        note = f"Reported by {reported_by}."
        by = RequestedBy(self.by.user, Origin.ADMIN, WHAT_HAPPENED, note=note)
        batch = draft(by, filters={"userAgent": BROKEN_HOOK})
        run_to_end(control.confirm(batch, by, batch.fingerprint))
        text = f"{WHAT_HAPPENED} Update it to 1.5.1."
        stop_source(Wanted({"userAgent": BROKEN_HOOK}, None, text), by)

    def refuse_one(self) -> None:
        """It names a game that this playtype is none of."""
        refused = self.send("halcyon", self.plays(3), game="iidx")
        self.on_time(refused, "started_at", "finished_at")

    def on_time(self, import_: Import, *fields: str) -> None:
        """What the database's clock has stamped, by ours."""
        now = dict.fromkeys(fields, self.clock())
        Import.objects.filter(pk=import_.pk).update(**now)

    def draft_another(self) -> None:
        by = RequestedBy(self.by.user, Origin.ADMIN, "Sent twice.")
        last = Import.objects.completed().filter(user=self.users["tomo"])
        draft(by, import_ids=[last.order_by("-pk")[0].import_id])

    def leave_some_running(self) -> None:
        running = self.send("lisbet", self.plays(40 % len(self.charts)), run=False)
        leases.take(running.pk)
        self.on_time(running, "started_at")
        self.send("tomo", self.plays(3), run=False)


def named() -> dict[str, str]:
    """The ids that the table of pages has by a word."""
    mixed = Import.objects.get(user__username=OWNER, game="iidx")
    done = RevertBatch.objects.filter(state=RevertBatch.State.DONE).latest("imports")
    return {"import": mixed.import_id, "batch": str(done.pk)}
