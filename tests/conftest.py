import gc
import json
from types import SimpleNamespace

import pytest
from django.conf import settings as site_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client

from tests import conformance
from tests.factories import make_chart, make_user


def pytest_configure():
    # Passwords are hashed to be slow to guess, and tests make hundreds of them.
    site_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # No test switches the machine off: what a commit waits for is a third of the time.
    default = site_settings.DATABASES["default"]
    if default["ENGINE"].endswith("postgresql"):
        default["OPTIONS"]["options"] += " -c synchronous_commit=off"


def pytest_collection_finish():
    # Thousands of cases have been read. Searching them for garbage again and again took
    # a tenth of the time.
    gc.collect()
    gc.freeze()


def may_touch_a_database(item):
    """Whether it asks for one, or one of its fixtures opens one by itself."""
    fixtures = item._fixtureinfo.name2fixturedefs
    own = [each for of in fixtures.values() for each in of if "tests" in each.baseid]
    return (
        item.get_closest_marker("django_db") is not None
        or "db" in fixtures
        or any("django_db_blocker" in each.argnames for each in own)
    )


def pytest_collection_modifyitems(config, items):
    """On SQLite, leave out what is of PostgreSQL: what is skipped should be news.

    What may touch a database is marked so: only that has to run on a second one.
    """
    for each in items:
        if may_touch_a_database(each):
            each.add_marker("database")
    if connection.vendor != "postgresql":
        of_postgresql = [
            each for each in items if each.get_closest_marker("postgresql")
        ]
        config.hook.pytest_deselected(items=of_postgresql)
        items[:] = [each for each in items if each not in of_postgresql]


class Api:
    """A client that sends JSON, and a token where one is given."""

    def __init__(self):
        self.client = Client()

    def send(self, method, path, body=None, token=None, headers=None, **extra):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            body = body if isinstance(body, str | bytes) else json.dumps(body)
            extra = {"data": body, "content_type": "application/json", **extra}
        return self.client.generic(method, path, headers=headers, **extra)

    def get(self, path, **kwargs):
        return self.send("GET", path, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.send("POST", path, body, **kwargs)

    def patch(self, path, body=None, **kwargs):
        return self.send("PATCH", path, body, **kwargs)

    def delete(self, path, body=None, **kwargs):
        return self.send("DELETE", path, body, **kwargs)

    def login(self, user):
        """From here on with the session of this user."""
        self.client.force_login(user)
        return self


@pytest.fixture(autouse=True, scope="session")
def answers_are_as_declared():
    """Every answer of a test client is held to the OpenAPI document."""
    request = Client.request

    def checked(self, **environment):
        response = request(self, **environment)
        asked = response.request
        conformance.check(asked["REQUEST_METHOD"], asked["PATH_INFO"], response)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", checked)
        yield


#: Rows that migrations make, and no test changes.
OF_MIGRATIONS = {
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


@pytest.fixture(autouse=True, scope="session")
def a_flush_empties_what_is_not_empty():
    """After a test with transactions of its own: all tables, and making the rows of
    migrations again, would take a third of a second."""
    if connection.vendor != "postgresql":
        yield
        return

    def sql_flush(style, connection, **options):
        tables = connection.introspection.django_table_names(only_existing=True)
        ours = {*tables} - OF_MIGRATIONS
        asked = " UNION ALL ".join(
            f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in sorted(ours)
        )
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return [f"DELETE FROM {table}" for (table,) in cursor]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.management.commands.flush.sql_flush", sql_flush)
        patch.setattr(
            "django.core.management.commands.flush.emit_post_migrate_signal",
            lambda *args, **kwargs: None,
        )
        yield


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def chart(db):
    return make_chart()


@pytest.fixture
def moderator(db, client):
    """Somebody who may do everything, logged in to the admin's pages."""
    user = make_user("boss", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def api():
    return Api()


@pytest.fixture(autouse=True)
def throttle_clock(monkeypatch):
    """The clock of the rate limits, which stands still at `now`: no test begins in one
    of its minutes and ends in the next. No requests are counted yet."""
    for each in caches.all():
        each.clear()
    clock = SimpleNamespace(now=1_700_000_000)
    clock.time = lambda: clock.now
    monkeypatch.setattr("tachi.api.throttles.time", clock)
    return clock
