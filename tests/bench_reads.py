"""What reads of the web client cost: a player of 10,000 scores beside 500 others."""

import statistics
import time

SCORES, OTHERS, OF_OTHERS, ROUNDS = 10_000, 500, 40, 5
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
    run_import(reader, payload(SCORES, seed=1000))
    for number in range(OTHERS):
        other = User.objects.create_user(f"other_{number}")
        run_import(other, payload(OF_OTHERS, seed=number))
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


def analyze() -> None:
    """As a database does by itself, after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
