"""Part of `make bench`: a single play, imported in the request, from request to answer.

What a hook sends all day: twenty plays in a session, three minutes apart, of charts of
which some were played before. Once in this process (statements, its processor time),
and once by a real web server. Alone: `python -m tests.bench_plays`, with DATABASE_URL.
"""

import json
import os
import statistics
import time

from tests.bench import load_charts, payload, say

PLAYS = 200
AT, MINUTE, DAY = 1_750_000_000_000, 60_000, 86_400_000
PATH = "/ir/direct-manual/import"


def plays() -> list[bytes]:
    """The documents, in the order in which they are sent."""
    known = json.loads(payload(1000, seed=1))
    sent = []
    for number in range(PLAYS):
        one = dict(known["scores"][number * 7 % 40])
        one["score"] = 8_000_000 + number * 7919 % 1_900_000
        one["timeAchieved"] = AT + number // 20 * DAY + number * 3 * MINUTE
        sent.append(json.dumps({**known, "scores": [one]}).encode())
    return sent


def measure_plays() -> None:
    """Print the figures; with charts in the database."""
    from django.conf import settings
    from django.db import connection

    settings.IMPORT_INLINE, settings.RATE_LIMITS = True, False
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["testserver"]
    in_this_process(a_player())
    connection.close()
    to_a_server(a_player())


def to_a_server(token: str) -> None:
    """As a site has it (DEBUG off), with one process; a connection for each play."""
    from tests.web.servers import OURS, gunicorn, post

    site = {"DEBUG": "off", "SECRET_KEY": os.urandom(40).hex(), "NUM_PROXIES": "0"}
    site |= {"ALLOWED_HOSTS": "localhost", "IMPORT_INLINE": "on"}
    said = {"Content_Type": "application/json", "Authorization": f"Bearer {token}"}
    options, seconds = (*OURS, "--workers", "1"), []
    with gunicorn(os.environ["DATABASE_URL"], *options, **site) as server:
        for sent in plays():
            began = time.perf_counter()
            answer = post(server.port, PATH, sent, **said)
            seconds.append(time.perf_counter() - began)
            assert answer.status == 200, answer.content
    say(f"a single play to a real server: {told(seconds)}")


def in_this_process(token: str) -> None:
    from django.db import connection
    from django.test import Client

    from tachi.statements import Statements

    client, seconds, processor, most = Client(), [], [], 0
    headers = {"Authorization": f"Bearer {token}"}
    for sent in plays():
        statements = Statements()
        began, worked = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(statements):
            answer = client.post(
                PATH, sent, content_type="application/json", headers=headers
            )
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
        most = max(most, statements.count)
        assert answer.status_code == 200, answer.content
    say(
        f"a single play in the request: {told(seconds)}; processor time"
        f" {told(processor)}; {most} statements"
    )


def a_player() -> str:
    """The token of a new one."""
    from tachi.accounts.models import User
    from tests.factories import make_token

    name = f"plays{User.objects.count()}"
    return make_token(User.objects.create_user(name), "submit_score")


def told(seconds: list[float]) -> str:
    seconds = sorted(seconds)
    return (
        f"p50 {1000 * statistics.median(seconds):.1f} ms,"
        f" p10 {1000 * seconds[len(seconds) // 10]:.1f},"
        f" p90 {1000 * seconds[len(seconds) * 9 // 10]:.1f}"
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()
    from django.core.management import call_command

    from scores.models import Chart

    call_command("migrate", verbosity=0)
    if not Chart.objects.filter(game="sdvx").exists():
        load_charts()
    say(f"load {os.getloadavg()[0]:.1f}")
    measure_plays()


if __name__ == "__main__":
    main()
