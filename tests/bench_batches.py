"""Part of `make bench`: a batch of 1,000 imports with 100,000 scores of 50 players.

Alone: `python -m tests.bench_batches`, with DATABASE_URL.
"""

import json
import os
import random
import time

from tests.bench import load_charts, payload, run_import, say
from tests.bench_plays import AT, DAY, MINUTE

PLAYERS, IMPORTS, SCORES = 50, 20, 100  # of each


def document_of(player: int, nth: int) -> bytes:
    """A day's plays, each day other charts."""
    known = json.loads(payload(2_000, seed=player))
    chance = random.Random(f"{player} {nth}")
    scores = chance.sample(known["scores"], SCORES)
    for number, score in enumerate(scores):
        score["score"] = chance.randrange(8_000_000, 9_999_999)
        score["timeAchieved"] = AT + nth * DAY + number * 3 * MINUTE
    return json.dumps({**known, "scores": scores}).encode()


def make_world() -> None:
    from tachi.accounts.models import User

    began = time.perf_counter()
    for number in range(PLAYERS):
        user = User.objects.create_user(f"batch_{number}")
        for nth in range(IMPORTS):
            run_import(user, document_of(number, nth))
    say(f"made in {time.perf_counter() - began:.1f} s")


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
    from imports.models import Import

    if not Import.objects.filter(user__username__startswith="batch_").exists():
        make_world()
    from imports.models import RequestedBy
    from imports.undo.restore import restore_import
    from imports.undo.revert import revert_import

    found = list(
        Import.objects.completed()
        .filter(user__username__startswith="batch_")
        .order_by("user", "-pk")
    )
    began = time.perf_counter()
    for each in found:
        revert_import(each, RequestedBy(None, "command"))
    say(f"{len(found)} reverted one by one in {time.perf_counter() - began:.1f} s")
    found.reverse()
    began = time.perf_counter()
    for each in found:
        restore_import(each, RequestedBy(None, "command"))
    say(f"{len(found)} restored one by one in {time.perf_counter() - began:.1f} s")
    from scores.derived.integrity import check_user
    from tachi.accounts.models import User

    began = time.perf_counter()
    for u in User.objects.filter(username__startswith="batch_"):
        assert not list(check_user(u.pk))
    say(f"checked in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
