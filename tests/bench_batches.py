"""Part of `make bench`: a batch of 1,000 imports with 100,000 scores of 50 players.

It is drafted, previewed, reverted and restored by a real cluster of two workers, while
another player sends a score every few seconds and somebody polls all the time, through
gunicorn; then once more, with every worker killed in the middle. In the end the players
have what they had before, to the letter of their exports. On SQLite a tenth of it.

Alone: `python -m tests.bench_batches`, with DATABASE_URL (what it made there before is
used again), and the number of players, if it is to be another.
"""

import hashlib
import json
import os
import random
import signal
import statistics
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from tests.bench import load_charts, payload, run_import, say
from tests.bench_plays import AT, DAY, MINUTE

PLAYERS, IMPORTS, SCORES = 50, 20, 100  # of each
SEND_EVERY, POLL_EVERY = 2.0, 0.02  # seconds
PATIENCE = 600  # seconds
#: What a batch that was restored leaves in an export: that it happened.
TOLD = {"notifications", "moderationLog"}
QCLUSTER = (sys.executable, "manage.py", "qcluster")


def measure(database_url: str, players: int = PLAYERS) -> None:
    """Print the figures."""
    import django

    django.setup()
    from tests.web.servers import OURS, gunicorn, running

    names, mod, token, known = prepare(players)
    began = time.perf_counter()
    before = digests(names)
    say(f"{len(names)} exports in {time.perf_counter() - began:.1f} s")
    workers = running(QCLUSTER, database_url, LOG_LEVEL="CRITICAL")
    with workers as cluster, gunicorn(database_url, *OURS) as server:
        others = Others(server.port, token, known)
        say(f"{'':>22} {'s':>6} {'one-score import, s':>21} {'polls, p99 ms':>14}")
        run_batch(names, mod, others)
        assert digests(names) == before, "The restore gave back something else."
        run_batch(names, mod, others, cluster.pid)
        assert digests(names) == before, "The restore gave back something else."
    say("Both restores gave back the exact exports.")
    check_integrity()


def prepare(players: int):
    """(the players' names, who moderates, another's token and completed import)."""
    from django.core.management import call_command

    from scores.models import Chart
    from tachi.accounts.models import AuthLevel, User
    from tests.factories import make_token, make_user

    call_command("migrate", verbosity=0)
    if not Chart.objects.filter(game="sdvx").exists():
        load_charts()
    names = [f"batch_{number}" for number in range(players)]
    if not User.objects.filter(username=names[0]).exists():
        make_world(names)
    now = int(time.time())  # they may be there of another run
    mod = make_user(f"mod_{now}", auth_level=AuthLevel.ADMIN)
    other = make_user(f"other_{now}")
    known, *_ = run_import(other, payload(SCORES, seed=0))
    return names, mod, make_token(other, "submit_score"), known


def make_world(names: list[str]) -> None:
    from tachi.accounts.models import User

    began = time.perf_counter()
    for number, name in enumerate(names):
        user = User.objects.create_user(name)
        for nth in range(IMPORTS):
            run_import(user, document_of(number, nth))
    say(f"made in {time.perf_counter() - began:.1f} s")


def document_of(player: int, nth: int) -> bytes:
    """A day's plays, each day other charts."""
    known = json.loads(payload(2_000, seed=player))
    chance = random.Random(f"{player} {nth}")
    scores = chance.sample(known["scores"], SCORES)
    for number, score in enumerate(scores):
        score["score"] = chance.randrange(8_000_000, 9_999_999)
        score["timeAchieved"] = AT + nth * DAY + number * 3 * MINUTE
    return json.dumps({**known, "scores": scores}).encode()


def digests(names: list[str]) -> dict[str, str]:
    """A digest of the export of each player."""
    from imports.export import export
    from tachi.accounts.models import User
    from tachi.api.one_moment import one_snapshot

    found = {}
    for user in User.objects.filter(username__in=names):
        digest = hashlib.sha256()
        with one_snapshot():
            for key, part in export(user):
                if key not in TOLD:
                    whole = part if isinstance(part, dict) else list(part)
                    options = orjson.OPT_SORT_KEYS
                    digest.update(orjson.dumps([key, whole], option=options))
        found[user.username] = digest.hexdigest()
    assert len(found) == len(names)
    return found


def run_batch(names, mod, others: "Others", to_kill: int = 0) -> None:
    """Draft, preview, revert and restore; with `to_kill`, that cluster's workers are
    killed in the middle of the revert.
    """
    from imports.batches import control
    from imports.batches.draft import draft
    from imports.models import Import, RequestedBy

    found = Import.objects.completed().filter(user__username__in=names)
    ids = list(found.values_list("import_id", flat=True))
    by = RequestedBy(mod, "api", "a measurement")
    with others.at_work("preview"):
        batch = draft(by, import_ids=ids)
        wait_for(batch, lambda: batch.fingerprint)
    preview = batch.preview["scores"]
    with others.at_work("revert, workers killed" if to_kill else "revert"):
        control.confirm(batch, by, batch.fingerprint, len(ids))
        if to_kill:
            wait_for(batch, lambda: reverted(batch) >= len(ids) // 2)
            kill_workers(to_kill)
        wait_for(batch, lambda: batch.state == "done")
    assert_is_done(batch, len(ids), preview["removed"])
    with others.at_work("restore"):
        control.restore(batch, by)
        wait_for(batch, lambda: batch.state == "restored")
    assert found.count() == len(ids)


def reverted(batch) -> int:
    return batch.outcomes.filter(state="reverted").count()


def assert_is_done(batch, imports: int, removed: int) -> None:
    from imports.batches.documents import batch_document

    told = batch_document(batch)
    assert told["reverted"] == imports, told
    assert told["scores"] - told["kept"] == removed, told
    assert told["verified"] == told["players"], told
    say(
        f"    {imports} imports, {removed} scores, {told['players']} players;"
        f" {batch.ran_seconds:.1f} s at work"
    )


def wait_for(batch, is_so) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        batch.refresh_from_db()
        assert batch.state not in ("paused", "cancelled"), batch.why_paused
        if is_so():
            return
        time.sleep(0.1)
    raise SystemExit(f"The batch is {batch.state} still.")


def kill_workers(cluster: int) -> None:
    """SIGKILL to all that the cluster's sentinel has started: its workers, and who
    hands tasks out and counts them; all are started anew.
    """
    [main] = children(cluster)
    [sentinel] = children(main)
    for pid in children(sentinel):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if file.read_text().rsplit(")")[1].split()[1] == str(pid):
                found.append(int(file.parent.name))
    return found


class Others:
    """Who uses the site meanwhile."""

    def __init__(self, port: int, token: str, known) -> None:
        self.port, self.token = port, token
        self.path = f"/api/v1/imports/{known.import_id}/poll-status"
        self.document = payload(1, seed=77)
        self.sent = 0

    @contextmanager
    def at_work(self, what: str):
        """Send and poll until the block ends, and print how long all of it took."""
        self.over = threading.Event()
        self.imports: list[float] = []
        self.polls: list[float] = []
        threads = [threading.Thread(target=each) for each in (self.send, self.poll)]
        for thread in threads:
            thread.start()
        began = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began
            self.over.set()
            for thread in threads:
                thread.join()
        took = sorted(self.polls)
        median = statistics.median(self.imports)
        say(
            f"{what:>22} {seconds:>6.1f} {median:>9.2f}, at most"
            f" {max(self.imports):.2f} {1000 * took[int(0.99 * len(took))]:>14.0f}"
        )

    def send(self) -> None:
        while True:
            self.imports.append(self.seconds_of_an_import())
            if self.over.wait(SEND_EVERY):
                return

    def seconds_of_an_import(self) -> float:
        """From sending it until its poll says that it is completed."""
        from tests.web.servers import get, post

        self.sent += 1
        known = json.loads(self.document)
        [score] = known["scores"]
        score["score"] = 8_000_000 + self.sent
        score["timeAchieved"] = AT + self.sent * MINUTE
        began = time.perf_counter()
        answer = post(
            self.port,
            "/ir/direct-manual/import",
            json.dumps(known).encode(),
            Content_Type="application/json",
            Authorization=f"Bearer {self.token}",
        )
        assert answer.status == 202, answer
        import_id = answer.json()["body"]["importID"]
        path = f"/api/v1/imports/{import_id}/poll-status"
        until = began + PATIENCE
        while time.perf_counter() < until:
            told = get(self.port, path).json()["body"]
            if told["importStatus"] == "completed":
                return time.perf_counter() - began
            time.sleep(0.05)
        raise SystemExit(f"An import did not end: {told}")

    def poll(self) -> None:
        from tests.web.servers import get

        while not self.over.wait(POLL_EVERY):
            began = time.perf_counter()
            answer = get(self.port, self.path)
            self.polls.append(time.perf_counter() - began)
            assert answer.status == 200, answer


def check_integrity() -> None:
    from django.core.management import call_command

    began = time.perf_counter()
    call_command("check_integrity")
    say(f"check_integrity finds nothing, in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["RATE_LIMITS"] = "off"
    url = os.environ["DATABASE_URL"]
    usual = PLAYERS // 10 if url.startswith("sqlite") else PLAYERS
    measure(url, int(sys.argv[1]) if sys.argv[1:] else usual)
