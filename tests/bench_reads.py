"""What reads of the web client cost: a player of 10,000 scores beside 500 others."""

import json
import statistics
import time

SCORES, OTHERS, OF_OTHERS, ROUNDS = 10_000, 500, 40, 5
A_DAY, FIRST = 50, 1_600_000_000_000  # plays; unix milliseconds
MINE, GAME = "users/reader/games/sdvx/Single", "games/sdvx/Single"
READS = f"""
activity {GAME}/activity {MINE}/activity users/reader/activity
users/reader/recent-summary users/reader/stats users/reader/sessions/calendar
{MINE} {MINE}/settings {MINE}/history {MINE}/most-played {MINE}/leaderboard-adjacent
{MINE}/pbs?search=a {MINE}/scores?search=a {MINE}/sessions?search=a
{MINE}/sessions/highlighted {MINE}/sessions/last {MINE}/sessions/calendar
{GAME}/charts {GAME}/charts?search=a {GAME}/leaderboard {GAME}/pb-leaderboard
{GAME}/players?search=a search?search=a search/chart-hash?search=a
""".split()


def measure_reads() -> None:
    """Tells the median of each read in milliseconds, the slowest first."""
    from django.test import Client

    from tachi.accounts.models import User
    from tests.bench import payload, run_import, say

    reader = User.objects.create_user("reader")
    run_import(reader, in_sessions(payload(SCORES, seed=1000)))
    for number in range(OTHERS):
        other = User.objects.create_user(f"other_{number}")
        run_import(other, in_sessions(payload(OF_OTHERS, seed=number)))
    analyze()
    client, found = Client(), []
    for path in READS:
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/{path}")
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 200, (path, answer.content[:200])
        found.append((statistics.median(taken) * 1000, path))
    say(f"\nreads of a player of {SCORES} scores beside {OTHERS} others, ms")
    for median, path in sorted(found, reverse=True):
        say(f"{median:>8.1f}  {path}")


def in_sessions(document: bytes) -> bytes:
    """The document with so many plays on each day, and not all in one go."""
    told = json.loads(document)
    for number, score in enumerate(told["scores"]):
        day, of_day = divmod(number, A_DAY)
        score["timeAchieved"] = FIRST + day * 86_400_000 + of_day * 180_000
    return json.dumps(told).encode()


def analyze() -> None:
    """As a database does by itself, after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
