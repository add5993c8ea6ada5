"""Counters that are read from the database rise only, whichever process tells them.

Each web process reads for itself and keeps its answer for a while, so the next scrape
may be answered from an older one; and with a deleted user some of what was counted is
gone. Prometheus takes a fall for a restart, and counts everything again. So the
processes of a host keep in a file what they have told: an older answer changes nothing
there, and a newer one adds only what came.
"""

import fcntl
import json
import logging
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Any

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

logger = logging.getLogger(__name__)


def never_falling(
    folder: Path, read_at: float, known: Iterable[Metric]
) -> list[Metric]:
    """What is known, read at a moment (unix seconds), with counters as they are told.

    They are told as they are known when the file cannot be used.
    """
    metrics = [copy(each) for each in known]
    counters = [each for each in metrics if isinstance(each, CounterMetricFamily)]
    counts = {
        key_of(sample): sample.value for each in counters for sample in each.samples
    }
    try:
        told = _tell(folder / "told.json", read_at, counts)
    except OSError as error:
        logger.warning("What was told of counters cannot be kept: %r", error)
        return metrics
    for each in counters:
        each.samples = [
            sample._replace(value=told.get(key_of(sample), sample.value))
            for sample in each.samples
        ]
    return metrics


def key_of(sample: Any) -> str:
    """The name and labels of one number."""
    return json.dumps([sample.name, sorted(sample.labels.items())])


def _tell(file: Path, read_at: float, counts: dict[str, float]) -> dict[str, float]:
    """What is to be told of each; keeps it, with the numbers it came from."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        before = _parsed(kept.read())
        told = dict(before["told"])
        if read_at > before["at"]:
            for key, number in counts.items():
                came = number - before["read"].get(key, 0)
                told[key] = told.get(key, 0) + max(came, 0)
            kept.truncate(0)
            json.dump({"at": read_at, "read": counts, "told": told}, kept)
    return told


def _parsed(text: str) -> dict[str, Any]:
    """What was kept; nothing where a process died while it wrote."""
    try:
        return json.loads(text)
    except ValueError:
        return {"at": 0, "read": {}, "told": {}}
