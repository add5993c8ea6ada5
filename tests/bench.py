"""`make bench`: how fast imports and reverts are, beside the floor of the database.

For SQLite and, where one answers, PostgreSQL: a scratch database, the charts of SOUND
VOLTEX (the seeds of TACHI_TEST_DATA where they are, else invented ones), and imports of
1, 1,000 and 10,000 new scores. The floor is the time to write the same score rows with
nothing else: COPY on PostgreSQL, `executemany` on SQLite. Then what scores cost that
are known already (`tests/bench_held.py`), single plays (`tests/bench_plays.py`), a page
of rows (`tests/bench_rows.py`), the reads of a web client (`tests/bench_reads.py`), how
fast the formats are beside each other (`tests/bench_formats.py`), how often a real
server is polled while imports run (`tests/bench_polls.py`); and at last, in databases
of their own, each page (`tests/bench_pages.py`) and a batch of reverts
(`tests/bench_batches.py`).
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

from tests.shared_data import SHARED

ROUNDS = {1: 30, 1_000: 5, 10_000: 3}  # scores in an import: how often
SEEDS = SHARED / "seeds/collections"
POSTGRES = os.environ.get("BENCH_POSTGRES", "postgres://root@127.0.0.1/postgres")


def main() -> None:
    if "--here" in sys.argv:
        measure()
        return
    with tempfile.TemporaryDirectory() as folder:
        bench(f"sqlite:///{folder}/bench.sqlite3")
        run_bench("bench_pages", f"sqlite:///{folder}/pages.sqlite3")
        bench_batches(f"sqlite:///{folder}/batches.sqlite3")
        if scratch := scratch_database("tachi_bench"):
            bench(scratch)
            run_bench("bench_pages", scratch_database("tachi_bench_pages"))
            bench_batches(scratch_database("tachi_bench_batches"))
        else:
            say("PostgreSQL does not answer; BENCH_POSTGRES names one.")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def bench(database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
    here = [sys.executable, "-m", "tests.bench", "--here"]
    subprocess.run(here, env=environment, check=True)
    run_bench("bench_polls", database_url)


def bench_batches(database_url: str) -> None:
    say(f"\nBatches, {database_url.partition(':')[0]}")
    run_bench("bench_batches", database_url)


def run_bench(name: str, database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", f"tests.{name}"]
    subprocess.run(command, env={**environment, "RATE_LIMITS": "off"}, check=True)


def scratch_database(name: str) -> str | None:
    import psycopg2

    try:
        connection = psycopg2.connect(POSTGRES, connect_timeout=3)
    except psycopg2.OperationalError:
        return None
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


def measure() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tachi.accounts.models import User

    call_command("migrate", verbosity=0)
    load_charts()
    user = User.objects.create_user("bench")
    run_import(user, payload(100, seed=0))  # compile and warm up
    say(f"\n{connection.vendor}: medians")
    say(
        f"{'':>7} {'import':>9} {'scores/s':>9} {'floor':>8} {'ratio':>6}",
    )
    for size, rounds in ROUNDS.items():
        report(size, [one_round(user, size, seed) for seed in range(rounds)])

    from tests.bench_formats import measure_formats
    from tests.bench_held import measure_held
    from tests.bench_plays import measure_plays
    from tests.bench_reads import measure_reads
    from tests.bench_rows import measure_rows

    measure_held()
    measure_plays()
    measure_rows(user)
    measure_reads()
    measure_formats()


def load_charts() -> None:
    from django.core.management import call_command

    from tests.factories import make_chart

    if SEEDS.is_dir():
        call_command("load_seeds", str(SEEDS), "--game", "sdvx", verbosity=0)
        return
    for number in range(2_000):
        make_chart(level=1 + number % 20)


def payload(size: int, seed: int) -> bytes:
    """A BATCH-MANUAL document of new scores, three minutes apart, over all charts."""
    from scores.models import Chart

    chance = random.Random(f"{size} {seed}")
    charts = list(
        Chart.objects.filter(game="sdvx")
        .order_by("pk")
        .values_list("song__song_id", "difficulty")
    )
    scores = [
        {
            "matchType": "tachiSongID",
            "identifier": str(charts[n % len(charts)][0]),
            "difficulty": charts[n % len(charts)][1],
            "score": chance.randrange(8_000_000, 9_999_999),
            "lamp": chance.choice(["FAILED", "CLEAR", "EXCESSIVE CLEAR"]),
            "timeAchieved": 1_700_000_000_000 + n * 180_000,
            "judgements": {"critical": 1000, "near": chance.randrange(50), "miss": 3},
            "optional": {"maxCombo": chance.randrange(1000), "gauge": 80.5},
        }
        for n in range(size)
    ]
    meta = {"game": "sdvx", "playtype": "Single", "service": "bench"}
    return json.dumps({"meta": meta, "scores": scores}).encode()


def run_import(user, document: bytes):
    """What a worker does; returns the import, seconds and statements."""
    from imports import pipeline
    from imports.pipeline import Sent, accept
    from imports.queue import leases

    import_ = accept(Sent(user, "file/batch-manual", document), inline=True)
    seconds, statements = timed(lambda: pipeline.run(leases.take_now(import_.pk)))
    import_.refresh_from_db()
    return import_, seconds, statements


def timed(act) -> tuple[float, int]:
    """Seconds and statements that it took; transactions are not counted."""
    from django.db import connection

    statements = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        began = time.perf_counter()
        act()
        return time.perf_counter() - began, len(statements)


def one_round(user, size: int, seed: int) -> dict:
    from imports.models import RequestedBy
    from imports.undo.revert import revert_import

    import_, seconds, statements = run_import(user, payload(size, seed))
    assert import_.counts["imported"] == size, import_.counts
    floor = floor_of(import_)
    requested_by = RequestedBy(None, "command")
    revert, reverting = timed(lambda: revert_import(import_, requested_by))
    return {
        "import": seconds,
        "statements": statements,
        "floor": floor,
        "revert": revert,
        "revert statements": reverting,
    }


def floor_of(import_) -> float:
    """Seconds to write an import's score rows again, prepared, and nothing else."""
    import io

    from django.db import connection, transaction

    from scores import copy_rows
    from scores.models import Score
    from scores.score_rows import FIELDS

    fields = [Score._meta.get_field(name) for name in FIELDS]
    names = [field.attname for field in fields]
    rows = list(Score.objects.filter(source_import=import_).values_list(*names))
    Score.objects.filter(source_import=import_).delete()
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = io.StringIO(copy_rows._text(fields, rows))
            began = time.perf_counter()
            copy = f"COPY scores_score ({columns}) FROM STDIN"
            cursor.cursor.copy_expert(copy, text)
        else:
            adapted = copy_rows._adapted(fields, rows)
            marks = ", ".join(["%s"] * len(fields))
            began = time.perf_counter()
            insert = f"INSERT INTO scores_score ({columns}) VALUES ({marks})"
            cursor.executemany(insert, adapted)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE" if copying() else "SELECT 1")
    return time.perf_counter() - began


def copying() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


def report(size: int, rounds: list[dict]) -> None:
    median = {
        name: statistics.median(each[name] for each in rounds) for name in rounds[0]
    }
    say(
        f"{size:>7} {median['import']:>8.3f}s {size / median['import']:>9.0f}"
        f" {median['floor']:>7.3f}s {median['import'] / median['floor']:>5.1f}×"
        f"  {median['statements']:.0f} statements;  revert {median['revert']:.3f}s,"
        f" {median['revert statements']:.0f} statements"
    )


if __name__ == "__main__":
    main()
