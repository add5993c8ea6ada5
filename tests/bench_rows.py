"""How fast the rows of an import of 10,000 are: pages of 500, and all as CSV.

With new scores, and once more with the same ones, which are all held: a page in the
middle, from the request to the answer, for the owner. Part of `make bench`.
"""

import os
import statistics
import sys
import time

ROWS = 10_000
ROUNDS = 15


def measure_rows(user) -> None:
    from django.test import Client

    from imports.models import Import, ImportRows
    from tachi.api.paging import encoded
    from tests.bench import payload, run_import
    from tests.factories import make_token

    client = Client(headers={"Authorization": f"Bearer {make_token(user)}"})
    middle = f"cursor={encoded([ROWS // 2], order())}"
    sent = payload(ROWS, seed=4_711)
    for kind in ("new", "held"):
        run_import(user, sent)
        import_ = Import.objects.filter(user=user).latest("pk")
        path = f"/api/v1/imports/{import_.import_id}/rows"
        pages = [timed(client, f"{path}?{middle}") for _ in range(ROUNDS)]
        found = [timed(client, f"{path}.csv") for _ in range(3)]
        size = len(ImportRows.objects.get(of_import=import_).packed)
        sys.stdout.write(
            f"rows, {kind}: a page {told(pages)}, CSV {told(found)},"
            f" {size / 1000:.0f} kB kept for {len(sent) / 1000:.0f} kB\n"
        )


def order():
    from imports.views.rows import IN_ORDER

    return IN_ORDER


def timed(client, path) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return time.perf_counter() - began, time.process_time() - worked


def told(found) -> str:
    clock, processor = (
        1000 * statistics.median(each) for each in zip(*found, strict=True)
    )
    return f"{clock:.1f} ms ({processor:.1f} ms of CPU)"


def main() -> None:
    """By itself, on the database of the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tachi.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench import load_charts
    from tests.factories import make_user

    call_command("migrate", verbosity=0)
    load_charts()
    measure_rows(make_user())


if __name__ == "__main__":
    main()
