"""Part of `make bench`: scores that are known already, and that say more than before.

A list of bests (10,000 scores without times, comments or judgements); the same once
more, so that all are held; and the plays behind it, all of which fill. Then the revert,
which takes all of that back, and the restore. Alone: `python -m tests.bench_held`, with
DATABASE_URL.
"""

import json

from tests.bench import load_charts, payload, run_import, say, timed

SIZE = 10_000
LEFT_OUT = ("timeAchieved", "judgements", "optional")


def measure_held() -> None:
    """Print the figures; with charts in the database."""
    from imports.models import RequestedBy
    from imports.undo.restore import restore_import
    from imports.undo.revert import revert_import
    from tachi.accounts.models import User

    user = User.objects.create_user("bench of what is held")
    plays = payload(SIZE, seed=11)
    whole = json.loads(plays)
    scores = [
        {name: each[name] for name in each if name not in LEFT_OUT}
        for each in whole["scores"]
    ]
    bests = json.dumps({**whole, "scores": scores}).encode()
    figures = {}
    for label, sent in (("new", bests), ("all held", bests), ("all fill", plays)):
        import_, *figures[label] = run_import(user, sent)
    assert import_.counts["held"] == SIZE, import_.counts
    requested_by = RequestedBy(None, "command")
    figures["revert"] = timed(lambda: revert_import(import_, requested_by))
    import_.refresh_from_db()
    figures["restore"] = timed(lambda: restore_import(import_, requested_by))
    say(f"\n{SIZE:,} rows on scores that are known:")
    for label, (seconds, statements) in figures.items():
        say(f"{label:>9} {seconds:6.2f} s {statements:5} statements")


def main() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    load_charts()
    measure_held()


if __name__ == "__main__":
    main()
