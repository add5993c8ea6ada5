"""What reads of the web client cost: a player of 10,000 scores beside 500 others.

The player's are 485 sessions of twenty plays, one a day, and at last a long one of 300,
which is what pages of the last session show. The others played twice twenty. Everybody
has a class; the reader has highlighted each fiftieth score, named each tenth
session, and has a snapshot of each day of a year.
"""

import json
import statistics
import time
from copy import copy
from datetime import date, timedelta

SCORES, OTHERS, OF_OTHERS, ROUNDS = 10_000, 500, 40, 5
A_DAY, LAST_DAY, A_PLAY = 20, 300, 180_000  # plays; plays; milliseconds
DAY = 86_400_000
MINE, GAME = "users/reader/games/sdvx/Single", "games/sdvx/Single"
READS = f"""
activity {GAME}/activity {MINE}/activity users/reader/activity
users/reader/recent-summary users/reader/stats users/reader/sessions/calendar
{MINE} {MINE}/settings {MINE}/history {MINE}/most-played {MINE}/leaderboard-adjacent
{MINE}/pbs?search=a {MINE}/scores?search=a {MINE}/sessions?search=a
{MINE}/sessions/highlighted {MINE}/sessions/last {MINE}/sessions/calendar
{GAME}/charts {GAME}/charts?search=a {GAME}/leaderboard {GAME}/pb-leaderboard
{GAME}/players?search=a search?search=a search/chart-hash?search=a
users/reader/settings users/reader/pfp users/reader/game-stats {GAME}
{MINE}/history?duration=year {MINE}/pbs/best {MINE}/scores/recent
{MINE}/sessions/recent {MINE}/sessions/best
{GAME}/charts/CHART/playcount {GAME}/charts/CHART/pbs {MINE}/pbs/CHART/rivals
{MINE}/pbs/CHART/leaderboard-adjacent
{GAME}/charts/resolve?matchType=tachiSongID&identifier=SONG&difficulty=DIFFICULTY
sessions/SESSION users/reader/imports
""".split()


def measure_reads() -> None:
    """Tells the median of each read in milliseconds, the slowest first."""
    from django.test import Client

    from tachi.accounts.models import User
    from tests.bench import payload, run_import, say

    reader = User.objects.create_user("reader")
    run_import(reader, in_sessions(payload(SCORES, seed=1000), LAST_DAY))
    for number in range(OTHERS):
        other = User.objects.create_user(f"other_{number}")
        run_import(other, in_sessions(payload(OF_OTHERS, seed=number)))
    decorate(reader)
    analyze()
    client, found, names = Client(), [], names_of(reader)
    for path in READS:
        for name, value in names.items():
            path = path.replace(name, value)
        taken = []
        for _ in range(ROUNDS):
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(f"/api/v1/{path}")
            taken.append((time.perf_counter() - began, time.process_time() - used))
            assert answer.status_code == 200, (path, answer.content[:200])
        answered, used = (statistics.median(each) for each in zip(*taken, strict=True))
        found.append((answered, used, path))
    say(f"\nreads of a player of {SCORES} scores beside {OTHERS} others, ms")
    say("   until  processor time of this process")
    for answered, used, path in sorted(found, reverse=True):
        say(f"{answered * 1000:>8.1f} {used * 1000:>8.1f}  {path}")


def in_sessions(document: bytes, last: int = A_DAY) -> bytes:
    """The document with so many plays a day, and so many on the last day, up to now."""
    told = json.loads(document)
    now = int(time.time() * 1000)
    for number, score in enumerate(told["scores"]):
        day, of_day = divmod(max(number - last, 0), A_DAY)
        ago = number * A_PLAY if number < last else (day + 1) * DAY + of_day * A_PLAY
        score["timeAchieved"] = now - ago
    told["classes"] = {"dan": f"DAN_{1 + len(document) % 11}"}
    return json.dumps(told).encode()


def decorate(reader) -> None:
    """What the reader has written, and a year of snapshots."""
    from scores.edits import edit_score, edit_session
    from scores.models import GameStats, ProfileSnapshot, Score, Session
    from scores.snapshots import take

    for score in Score.objects.filter(user=reader, pk__in=multiples(Score, 50)):
        edit_score(score, highlight=True)
    for session in Session.objects.filter(user=reader, pk__in=multiples(Session, 10)):
        edit_session(session, name="An evening", highlight=True)
    (snapshot,) = take(GameStats.objects.filter(user=reader), date.today())
    snapshots = []
    for days in range(365):
        earlier, ago = copy(snapshot), timedelta(days=days)
        earlier.day, earlier.taken_at = snapshot.day - ago, snapshot.taken_at - ago
        snapshots.append(earlier)
    ProfileSnapshot.objects.bulk_create(snapshots)


def multiples(model, of: int) -> list[int]:
    """The primary keys that are multiples of it."""
    return [pk for pk in model.objects.values_list("pk", flat=True) if pk % of == 0]


def names_of(reader) -> dict[str, str]:
    """What stands for what in the addresses: the reader's last session, and a chart
    that most have played.
    """
    from django.db.models import Count

    from scores.models import Chart, Session

    played = Chart.objects.filter(personalbest__user=reader)
    chart = played.annotate(n=Count("personalbest__user")).order_by("-n", "pk")[0]
    return {
        "CHART": chart.chart_id,
        "SONG": str(chart.song.song_id),
        "DIFFICULTY": chart.difficulty,
        "SESSION": Session.objects.filter(user=reader).latest("time_ended").session_id,
    }


def analyze() -> None:
    """As a database does by itself, after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
