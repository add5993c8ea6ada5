"""What `/metrics` tells: what processes have counted, and what the database knows.

The database is read when somebody asks, in a constant number of statements, at most
every few seconds, and no oftener than one part in a hundred of the time allows.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.db.models import Count, Model, Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from imports.models import Import, Revert
from imports.queue import status
from scores.models import Score
from tachi import metrics
from tachi.health.deadline import Probe
from tachi.health.told import never_falling

FRESH_SECONDS, PATIENCE_SECONDS, SHARE = 5, 5, 100
#: From so many rows on PostgreSQL's own estimate takes the place of a count.
MANY = 1_000_000
ESTIMATE = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)"

Samples = Iterable[tuple[tuple[str, ...], float]]


class Everything(Collector):
    """All metrics: those of the processes, then those of the database."""

    def collect(self) -> Iterator[Metric]:
        yield from metrics.counted()
        known = DATABASE.answer()
        yield gauge("database_up", "Whether the database answered.", known is not None)
        if known is not None:
            read_at, figures = known
            if metrics.IS_SHARED:
                figures = never_falling(settings.METRICS_DIR, read_at, figures)
            yield from figures


def read_now() -> tuple[float, list[Metric]]:
    """What the database knows, and when it was asked (unix seconds)."""
    return time.time(), read()


def read() -> list[Metric]:
    """What the database knows: nine statements. Raises database errors."""
    queue = status.queue_status()
    imports = Import.objects.order_by().values_list("state", "import_type")
    reverts = Revert.objects.order_by().values_list("origin")
    return [
        several(
            GaugeMetricFamily,
            "imports",
            "Imports by what has become of them.",
            ["state", "import_type"],
            (((state, of), n) for state, of, n in imports.annotate(n=Count("*"))),
        ),
        gauge("scores", "Scores; beyond a million an estimate.", rows_of(Score)),
        several(
            CounterMetricFamily,
            "reverts",
            "Imports that were reverted.",
            ["origin"],
            (((origin,), n) for origin, n in reverts.annotate(n=Count("*"))),
        ),
        counter(
            "restores",
            "Reverted imports that were restored.",
            Revert.objects.exclude(restored_at=None).count(),
        ),
        counter(
            "lease_takeovers",
            "Imports that were taken from a worker that died or stalled.",
            taken_over(),
        ),
        *of_queue(queue),
    ]


def of_queue(queue: status.QueueStatus) -> list[Metric]:
    alive = [
        each
        for each in queue["workers"]
        if each["lastSeenSeconds"] <= status.SEEN_WITHIN_SECONDS
    ]
    return [
        gauge("queue_waiting", "Imports that wait for a worker.", queue["waiting"]),
        gauge(
            "queue_oldest_seconds",
            "How long the one has waited whose turn came first.",
            queue["oldestSeconds"] or 0,
        ),
        gauge("queue_running", "Imports that are worked on.", len(queue["running"])),
        gauge("workers", "Clusters that were seen within a minute.", len(alive)),
        gauge(
            "imports_failed_last_hour",
            "Imports that failed in the last hour, refused documents included.",
            queue["failedLastHour"],
        ),
        gauge("queue_ok", "What queue_status says.", queue["ok"]),
    ]


def taken_over() -> int:
    """How often, over all imports. Of a deleted user's they are gone."""
    some = Import.objects.filter(takeovers__gt=0)
    return some.aggregate(sum=Sum("takeovers"))["sum"] or 0


def rows_of(model: type[Model]) -> int:
    """How many rows a table has; of a large one about how many."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(ESTIMATE, [model._meta.db_table])
            (estimate,) = cursor.fetchone()
        if estimate is not None and estimate >= MANY:
            return int(estimate)
    return model._default_manager.count()


def gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tachi_{name}", text, value=value)


def counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"tachi_{name}", text, value=value)


def several(
    kind: Callable[..., GaugeMetricFamily | CounterMetricFamily],
    name: str,
    text: str,
    labels: list[str],
    samples: Samples,
) -> Metric:
    family = kind(f"tachi_{name}", text, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family


DATABASE = Probe(
    read_now,
    fresh_seconds=FRESH_SECONDS,
    patience_seconds=PATIENCE_SECONDS,
    share=SHARE,
)
