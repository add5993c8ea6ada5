"""`python -m tests.web.bench`: polls a second, and what slow clients do to them.

All servers run side by side on one scratch database and are asked in turn, so that
what else the machine does hits all of them alike.
"""

import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import say, scratch_database
from tests.web.load import load
from tests.web.nginx import nginx
from tests.web.servers import OURS, gunicorn
from tests.web.slow_clients import KINDS, slow_clients

SERVERS = {
    "sync": ("--workers", "2"),
    "gthread, 4 threads": ("--workers", "2", "-k", "gthread", "--threads", "4"),
    "gthread, 16 threads": ("--workers", "2", "-k", "gthread", "--threads", "16"),
    "ours, 1 thread": (*OURS, "--threads", "1"),
    "ours, 4 threads": OURS,
    "ours, 8 threads": (*OURS, "--threads", "8"),
}
ROUNDS = 5
SLOW_CLIENTS = (10, 100)
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = scratch_database("tachi_bench_web") or f"sqlite:///{folder}/web.sqlite3"
        path = address_to_poll(url)
        say(f"{url.split(':')[0]}, polls of a completed import, 8 connections")
        servers = {}
        for name, options in SERVERS.items():
            process = stack.enter_context(gunicorn(url, *options))
            servers[name] = (process.port, [process.pid])
        site = stack.enter_context(nginx(url, Path(folder)))
        pids = [each.pid for each in (site.process, *site.gunicorns)]
        servers["nginx, 2 of ours"] = (site.plain, pids)
        fast(servers, path)
        slow(servers, path)


def address_to_poll(url):
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tachi.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.factories import make_chart, make_import, make_user, play

    import_ = make_import(make_user(), *[play(make_chart()) for _ in range(5)])
    return f"/api/v1/imports/{import_.import_id}/poll-status"


def fast(servers, path):
    rounds = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        for name, (port, pids) in servers.items():
            before = cpu_seconds(pids)
            seen = load(port, path)
            used = cpu_seconds(pids) - before
            if number:  # the first is to warm up
                cost = used / max(seen.per_second * 3, 1)
                rounds[name].append((seen.per_second, seen.p99, cost, seen.errors))
    say(f"{'':>20} {'polls/s':>8} {'p99 ms':>7} {'CPU ms a poll':>14} {'errors':>7}")
    for name, each in rounds.items():
        polls, p99, cost, _ = map(statistics.median, zip(*each, strict=True))
        errors = sum(errors for *_, errors in each)
        p99, cost = p99 * 1000, cost * 1000
        say(f"{name:>20} {polls:>8.0f} {p99:>7.0f} {cost:>14.2f} {errors:>7}")


def slow(servers, path):
    say(
        f"\npolls/s and the longest wait beside slow clients\n{'':>20} "
        + " | ".join(KINDS)
    )
    for name, (port, _) in servers.items():
        for count in SLOW_CLIENTS:
            cells = []
            for kind in KINDS:
                with slow_clients(port, kind, count):
                    seen = load(port, path, seconds=4.0)
                cells.append(f"{seen.per_second:.0f}/s {seen.longest:.1f} s")
            say(f"{name:>20} {count:>4}: {' | '.join(cells)}")


def cpu_seconds(parents):
    """What the children of these processes have used."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in parents:
            used += int(fields[11]) + int(fields[12])
    return used / TICKS


if __name__ == "__main__":
    sys.exit(main())
