"""`/health/live`, `/health/ready` and `/metrics`.

Plain views behind the first middleware: no session, no user, no limit, no redirect.
What they say is for whoever can ask, so no message of a driver is in it.
"""

import hmac
import time
from typing import TypedDict

import orjson
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from imports.queue import status
from tachi.health.collector import Everything
from tachi.health.deadline import Probe

PATIENCE_SECONDS = 3  # until a database that does not answer counts as away
MIGRATIONS_SECONDS = 60  # for which applied migrations are taken to stay so
NO_ANSWER = "The database cannot be reached."
NOT_ASKED = "Not asked: the database cannot be reached."


class Check(TypedDict):
    ok: bool
    detail: str


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; 200, without a look at anything else."""
    return answer({"process": good("It answers.")})


def ready(request: HttpRequest) -> HttpResponse:
    """Whether requests may be sent here: 200, or 503 with what is wrong."""
    checks = READY.answer()
    if checks is None:
        away = {"database": bad(NO_ANSWER)}
        checks = away | dict.fromkeys(("migrations", "worker", "queue"), bad(NOT_ASKED))
    return answer(checks)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus; 404 unless METRICS is on, 401 without its token."""
    if not settings.METRICS:
        return HttpResponse("Not found.\n", "text/plain", 404)
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if settings.METRICS_TOKEN and not hmac.compare_digest(
        sent.encode(), wanted.encode()
    ):
        return HttpResponse("METRICS_TOKEN is needed.\n", "text/plain", 401)
    registry = CollectorRegistry()
    registry.register(Everything())
    return HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST)


def answer(checks: dict[str, Check]) -> HttpResponse:
    ok = all(check["ok"] for check in checks.values())
    body = orjson.dumps({"ok": ok, "checks": checks})
    response = HttpResponse(body, "application/json", 200 if ok else 503)
    response["Cache-Control"] = "no-store"
    return response


def good(detail: str) -> Check:
    return {"ok": True, "detail": detail}


def bad(detail: str) -> Check:
    return {"ok": False, "detail": detail}


def look() -> dict[str, Check]:
    """Each check by its name: four statements, or five. Raises database errors."""
    connection.ensure_connection()
    missing = MIGRATIONS.missing()
    if missing:
        named = ", ".join(missing[:3]) + (", …" if missing[3:] else "")
        told = bad(f"{len(missing)} are not applied: {named}. Run manage.py migrate.")
        unknown = dict.fromkeys(("worker", "queue"), bad("Not asked: see migrations."))
        return {"database": good("It answers."), "migrations": told, **unknown}
    now = status.database_time()
    workers, oldest = status.workers_seen(now), status.oldest_seconds(now)
    return {
        "database": good("It answers."),
        "migrations": good("All are applied."),
        "worker": worker(workers),
        "queue": queue(oldest),
    }


def worker(workers: list[status.Seen]) -> Check:
    if problem := status.worker_problem(workers):
        return bad(problem)
    if settings.IMPORT_INLINE:
        return good("None is needed: IMPORT_INLINE is on.")
    return good(f"One was seen {workers[0]['lastSeenSeconds']} seconds ago.")


def queue(oldest: float | None) -> Check:
    if problem := status.waiting_problem(oldest):
        return bad(problem)
    if oldest is None:
        return good("Nothing waits.")
    return good(f"The first import has waited for {oldest} seconds.")


class Migrations:
    """Which migrations are not applied; that none is missing is asked once a minute."""

    def __init__(self) -> None:
        self.known: set[tuple[str, str]] | None = None
        self.good_until = 0.0

    def missing(self) -> list[str]:
        if time.monotonic() < self.good_until:
            return []
        if self.known is None:
            loader = MigrationLoader(None, load=False)
            loader.load_disk()
            self.known = set(loader.disk_migrations)
        applied = MigrationRecorder(connection).applied_migrations()
        missing = sorted(f"{app}.{name}" for app, name in self.known - set(applied))
        if not missing:
            self.good_until = time.monotonic() + MIGRATIONS_SECONDS
        return missing


MIGRATIONS = Migrations()
READY = Probe(look, fresh_seconds=1, patience_seconds=PATIENCE_SECONDS)
