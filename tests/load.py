"""`make load`: a thousand who poll and fifty who import, for a minute.

On a scratch database (PostgreSQL where one answers, as in tests.bench, else SQLite),
against gunicorn and a cluster of two workers, all beside the generator on one machine.
Everybody has a connection of their own, which is kept where the server keeps it. Who
imports sends a document, polls until it is done, and sends the next; each poller does
so with the newest import of one of them. All ask as often as Retry-After says.
Prints, for each kind of request, how many there were, errors, 5xx, and how long they
took. Ends with 1 if anything went wrong.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench import say, scratch_database

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds until a request counts as an error
COMING = 10  # seconds in which all pollers have come
KINDS = ("poll", "import", "until completed")


@dataclass
class Tally:
    """What became of the requests of one kind; `seconds` of the answered ones."""

    seconds: list[float] = field(default_factory=list)
    server_errors: int = 0
    errors: list[str] = field(default_factory=list)

    def row(self) -> str:
        took = sorted(self.seconds) or [0.0]
        p50, p99 = (took[int(len(took) * share)] for share in (0.5, 0.99))
        return (
            f"{len(self.seconds):>8} {len(self.errors):>7} {self.server_errors:>5}"
            f" {1000 * p50:>8.1f} {1000 * p99:>8.1f} {1000 * took[-1]:>8.1f}"
        )


class Client:
    """Somebody with one connection, which is made again when the server ended it."""

    def __init__(self, url: str, tallies: dict[str, Tally], token: str = "") -> None:
        place = urlsplit(url)
        self.host, self.port = place.hostname, place.port
        self.tallies, self.token = tallies, token
        self.pause = 1  # seconds until it is to ask again
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, kind: str, method: str, path: str, body: bytes = b""
    ) -> dict[str, Any] | None:
        """The answer's JSON; None after an error, which is counted."""
        tally = self.tallies[kind]
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                status, content = await self.exchange(method, path, body)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            tally.errors.append(repr(error))
            self.hang_up()
            return None
        tally.seconds.append(time.perf_counter() - began)
        tally.server_errors += status >= 500
        if status >= 400:
            tally.errors.append(f"{status} {content[:200]!r}")
            return None
        return json.loads(content)

    async def exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        request = self.request(method, path, body)
        for is_kept in (self.writer is not None, False):
            if self.writer is None:
                opening = asyncio.open_connection(self.host, self.port)
                self.reader, self.writer = await opening
            try:
                self.writer.write(request)
                await self.writer.drain()
                return await self.answer()
            except (ConnectionError, asyncio.IncompleteReadError):
                self.hang_up()
                if not is_kept:  # an idle connection may end at any time
                    raise
        raise AssertionError

    async def answer(self) -> tuple[int, bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        first, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        content = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.hang_up()
        self.pause = int(headers.get("retry-after", 1))
        return int(first.split()[1]), content

    def request(self, method: str, path: str, body: bytes) -> bytes:
        token = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{token}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def hang_up(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Load:
    """Everybody together, until the time is over."""

    def __init__(self, url: str, options: argparse.Namespace, world: dict) -> None:
        self.url, self.options, self.world = url, options, world
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.newest: dict[int, str] = {}
        self.over = time.monotonic() + options.seconds

    async def run(self) -> None:
        importers = [
            self.importer(number, token)
            for number, token in enumerate(self.world["tokens"])
        ]
        pollers = [self.poller(number) for number in range(self.options.pollers)]
        await asyncio.gather(*importers, *pollers)

    async def importer(self, number: int, token: str) -> None:
        client = Client(self.url, self.tallies, token)
        chance = random.Random(number)
        await asyncio.sleep(chance.random())
        while time.monotonic() < self.over:
            began = time.perf_counter()
            sent = self.document(chance)
            told = await client.ask("import", "POST", "/ir/direct-manual/import", sent)
            if told is None:
                await asyncio.sleep(1)
                continue
            path = urlsplit(told["body"]["url"]).path
            self.newest[number] = path
            if await self.is_completed(client, path):
                took = time.perf_counter() - began
                self.tallies["until completed"].seconds.append(took)
        client.hang_up()

    async def is_completed(self, client: Client, path: str) -> bool:
        """Poll until it is; False after an error, which is counted."""
        while True:
            await asyncio.sleep(client.pause)
            told = await client.ask("poll", "GET", path)
            if told is None or told["body"]["importStatus"] == "completed":
                return told is not None

    async def poller(self, number: int) -> None:
        client, seen = Client(self.url, self.tallies), None
        await asyncio.sleep(COMING * number / max(1, self.options.pollers))
        while time.monotonic() < self.over:
            path = self.newest.get(number % self.options.importers)
            if path == seen or path is None:
                await asyncio.sleep(1)
            elif await self.is_completed(client, path):
                seen = path
        client.hang_up()

    def document(self, chance: random.Random) -> bytes:
        """Scores that nobody has sent before."""
        scores = [
            {
                "matchType": "tachiSongID",
                "identifier": str(chance.choice(self.world["songs"])),
                "difficulty": "EXH",
                "score": chance.randrange(8_000_000, 9_999_999),
                "lamp": "CLEAR",
                "timeAchieved": 1_700_000_000_000 + chance.randrange(10**10),
            }
            for _ in range(self.options.scores)
        ]
        meta = {"game": "sdvx", "playtype": "Single", "service": "load"}
        return json.dumps({"meta": meta, "scores": scores}).encode()

    def report(self) -> int:
        """Print what happened; how many errors there were."""
        say(
            f"{'':>16} {'answers':>8} {'errors':>7} {'5xx':>5}"
            f" {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}"
        )
        for kind in KINDS:
            say(f"{kind:>16} {self.tallies[kind].row()}")
        errors = [error for tally in self.tallies.values() for error in tally.errors]
        for error in sorted(set(errors))[:10]:
            say(f"  {errors.count(error)} × {error}")
        return len(errors)


def prepare(importers: int) -> dict[str, Any]:
    """Charts, users and their tokens, in the database that DATABASE_URL names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tests.factories import make_chart, make_token, make_user

    call_command("migrate", verbosity=0)
    songs = [make_chart(level=1 + n % 20).song.song_id for n in range(500)]
    tokens = [make_token(make_user(), "submit_score") for _ in range(importers)]
    return {"songs": songs, "tokens": tokens}


@contextmanager
def site(workers: int, folder: Path) -> Iterator[str]:
    """gunicorn and a cluster until the block ends; yields the address."""
    from tests.demo import free_port

    port = free_port()
    bind = f"--bind=127.0.0.1:{port}"
    commands = [
        [
            *("-m", "gunicorn", "-c", "python:tachi.gunicorn", "tachi.wsgi"),
            *(f"--workers={workers}", bind),
        ],
        ["manage.py", "qcluster"],
    ]
    with (folder / "log").open("w") as log:
        running = [
            subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, stdout=log, stderr=log
            )
            for command in commands
        ]
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in running:
                process.terminate()
            for process in running:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(30)
                process.kill()


def wait_for(port: int) -> None:
    import socket

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The site does not answer.")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pollers", type=int, default=1_000)
    parser.add_argument("--importers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--scores", type=int, default=1, help="in an import")
    parser.add_argument("--web-workers", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    asked = options()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, min(hard, 2 * (asked.pollers + asked.importers) + 200))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = scratch_database("tachi_load") or f"sqlite:///{folder}/load.sqlite3"
        os.environ |= {"DATABASE_URL": url, "RATE_LIMITS": "off", "LOG_LEVEL": "ERROR"}
        world = prepare(asked.importers)
        with site(asked.web_workers, folder) as address:
            load = Load(address, asked, world)
            asyncio.run(load.run())
        say(
            f"{url.partition(':')[0]}: {asked.pollers} pollers, {asked.importers}"
            f" importers of {asked.scores} scores, {asked.seconds:g} s"
        )
        errors = load.report()
        said = (folder / "log").read_text()[-2000:]
    if errors:
        say(said)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
