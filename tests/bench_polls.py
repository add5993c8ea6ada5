"""Part of `make bench`: polls a second from a real server, while imports run.

Gunicorn and a cluster of two workers, which work on imports of 10,000 scores from
before the first poll until after the last; eight connections, which ask again as soon
as they are answered.
"""

import os
import sys

from tests.bench import load_charts, payload, say

SIZE = 10_000  # scores in an import
PLAYERS, IMPORTS_EACH = 4, 8
CONNECTIONS, SECONDS = 8, 5.0
QCLUSTER = (sys.executable, "manage.py", "qcluster")


def measure(database_url: str) -> None:
    """Print the figures; in a database whose tables may be there already."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    load_charts()
    known, unfinished = prepare()
    from tests.web.servers import OURS, gunicorn, running

    workers = running(QCLUSTER, database_url, LOG_LEVEL="CRITICAL")
    with workers, gunicorn(database_url, *OURS) as server:
        etag = etag_of(server.port, known)
        say(f"{'while imports run':>26} {'polls/s':>8} {'p99 ms':>7} {'errors':>7}")
        report("of a running import", server.port, unfinished[-1])
        report("completed, known (304)", server.port, known, etag)
        report("completed, in full", server.port, known)
        running_still = [each for each in unfinished if is_unfinished(each)]
        say(f"{len(unfinished) - len(running_still)} imports were completed meanwhile.")
        if not running_still:
            say("All of them: the last figures are of an idle server.")


def prepare():
    """(a completed import, some that wait for a worker)."""
    from imports.pipeline import Sent, accept
    from tachi.accounts.models import User
    from tests.bench import run_import

    known, *_ = run_import(User.objects.create_user("idle"), payload(SIZE, seed=1_000))
    players = [User.objects.create_user(f"busy{n}") for n in range(PLAYERS)]
    unfinished = [
        accept(
            Sent(player, "file/batch-manual", payload(SIZE, seed=10 * number + which)),
            inline=False,
        )
        for number in range(IMPORTS_EACH)
        for which, player in enumerate(players)
    ]
    return known, unfinished


def is_unfinished(import_) -> bool:
    import_.refresh_from_db(fields=["state"])
    return import_.state in {"queued", "running"}


def address(import_) -> str:
    return f"/api/v1/imports/{import_.import_id}/poll-status"


def etag_of(port: int, import_) -> str:
    from tests.web.servers import get

    return get(port, address(import_)).headers["etag"]


def report(what: str, port: int, import_, etag: str = "") -> None:
    from tests.web.load import load

    headers = {"If_None_Match": etag} if etag else {}
    status = 304 if etag else 200
    path = address(import_)
    seen = load(port, path, CONNECTIONS, SECONDS, status=status, **headers)
    p99 = 1000 * seen.p99
    say(f"{what:>26} {seen.per_second:>8.0f} {p99:>7.0f} {seen.errors:>7}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    measure(os.environ["DATABASE_URL"])
