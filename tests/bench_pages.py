"""Part of `make bench`: what a page costs, with 5,000 imports of 500 players.

The owner whose pages are read, and each thing that a page is about, have 500 of what it
shows (`tests/pages/many.py`). Each page is asked for as a browser does, through all of
Django, in one process: the seconds are those of the server until the last byte of HTML.

Alone: `python -m tests.bench_pages`, on an empty database that DATABASE_URL names.
"""

import os
import re
import secrets
import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench import load_charts, say
from tests.bench_reads import analyze

IMPORTS, PLAYERS, OF_EACH = 5_000, 500, 500
SCORES, LOGGED = 10, 5_000  # of each import; entries of the log
ROUNDS = 15
MOST_MS, MOST_BYTES = 100, 150_000


class Figures(NamedTuple):
    """Of a page: milliseconds until the answer, and of the processor (on PostgreSQL
    without the database), bytes of HTML, statements.
    """

    p50: float
    most: float
    least: float
    used: float
    size: int
    statements: int
    name: str


def measure() -> None:
    """Print the figures of each page, the slowest first."""
    from django.core.management import call_command
    from django.db import connection

    from tests.pages.many import make_many

    call_command("migrate", verbosity=0)
    load_charts()
    began = time.perf_counter()
    many = make_many(OF_EACH, IMPORTS, PLAYERS)
    play_more()
    log_more()
    analyze()
    made = time.perf_counter() - began
    say(
        f"\n{connection.vendor}: pages with {IMPORTS:,} imports of {PLAYERS} players,"
        f" made in {made:.0f} s; ms of server time, bytes of HTML"
    )
    say(f"{'p50':>7} {'max':>7} {'least':>7} {'CPU':>7} {'bytes':>8} {'SQL':>4}  page")
    for each in sorted(figures(many), reverse=True):
        marks = " SLOW" * (each.p50 >= MOST_MS) + " LARGE" * (each.size >= MOST_BYTES)
        say(
            f"{each.p50:>7.1f} {each.most:>7.1f} {each.least:>7.1f} {each.used:>7.1f}"
            f" {each.size:>8} {each.statements:>4}  {each.name}{marks}"
        )


def figures(many) -> Iterator[Figures]:
    """Those of each page."""
    from django.test import Client

    from tests.bench import timed
    from tests.pages.every_page import pages_of

    clients = {who: Client() for who in ("owner", "mod")}
    for who, client in clients.items():
        client.force_login(getattr(many, who))
    for who, path, _ in pages_of(many):
        get, taken = clients[who].get, []
        answer = get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        _, statements = timed(lambda get=get, path=path: get(path))
        for _ in range(ROUNDS):
            began, used = time.perf_counter(), time.process_time()
            get(path)
            taken.append((time.perf_counter() - began, time.process_time() - used))
        until, used = ([1000 * each for each in of] for of in zip(*taken, strict=True))
        yield Figures(
            statistics.median(until),
            max(until),
            min(until),
            statistics.median(used),
            len(answer.content),
            statements,
            re.sub(r"/[0-9a-f]{40}/", "/ID/", path),
        )


def play_more() -> None:
    """Scores, bests and sessions of the imports that are only rows until now."""
    from imports.models import Import, Orphan, State
    from scores.models import Chart, PersonalBest, Score, Session
    from tests.pages.copied import copies

    charts = list(Chart.objects.filter(game="sdvx")[: 10 * SCORES])
    bare = Import.objects.filter(state=State.COMPLETED, scores=None).order_by("pk")
    score, best = Score.objects.latest("pk"), PersonalBest.objects.latest("pk")
    sessions = copies(
        Session.objects.latest("pk"),
        (
            {"session_id": f"Q{secrets.token_hex(20)}", "user_id": each.user_id}
            for each in bare
        ),
    )
    copies(
        score,
        (
            {
                "score_id": f"T{secrets.token_hex(32)}",
                "user_id": each.user_id,
                "chart_id": charts[(n + each.pk) % len(charts)].pk,
                "source_import_id": each.pk,
                "position": n,
                "session_id": session.pk,
            }
            for each, session in zip(bare, sessions, strict=True)
            for n in range(SCORES)
        ),
    )
    known = set(PersonalBest.objects.values_list("user", "chart"))
    new = {
        (each.user_id, chart.pk) for each in bare for chart in charts[: 2 * SCORES]
    } - known
    copies(best, ({"user_id": user, "chart_id": chart} for user, chart in sorted(new)))
    orphan = Orphan.objects.latest("pk")
    copies(
        orphan,
        ({"user_id": each.user_id, "source_import_id": each.pk} for each in bare),
    )


def log_more() -> None:
    """The log of a year."""
    from tachi.moderation.models import Entry
    from tests.pages.copied import copies

    copies(Entry.objects.latest("pk"), ({} for _ in range(LOGGED)))


def main() -> None:
    """By itself, on the database of the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    measure()


if __name__ == "__main__":
    main()
