"""What is read in one snapshot is of one moment, and keeps nobody from writing."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from imports.models import State
from tachi.accounts.models import User
from tachi.api.one_moment import one_snapshot
from tests.factories import make_chart, make_import, make_user, play
from tests.imports.scratch import scratch_database
from tests.locking import AT_ONCE, in_another_thread, takes_at_most


@pytest.fixture
def own_database(tmp_path, django_db_blocker):
    """On disk, so that another thread can write to it, on SQLite, too."""
    with django_db_blocker.unblock(), scratch_database(tmp_path):
        yield


def write():
    with transaction.atomic():
        return make_user()


def begun(queries):
    """How the transactions began."""
    return [
        each["sql"].split(" ISOLATION")[0]
        for each in queries
        if each["sql"].startswith(("BEGIN DEFERRED", "SET TRANSACTION"))
    ]


def test_it_shows_nothing_of_what_is_written_meanwhile(own_database):
    make_user()
    with one_snapshot():
        before = User.objects.count()
        with takes_at_most(AT_ONCE), in_another_thread(write):
            pass
        assert User.objects.count() == before
    assert User.objects.count() == before + 1


def test_a_writer_does_not_keep_it_waiting(own_database):
    make_user()
    with transaction.atomic():
        make_user()
        with takes_at_most(AT_ONCE), in_another_thread(count_in_one_snapshot):
            pass


def count_in_one_snapshot():
    with one_snapshot():
        return User.objects.count() == 1


def test_transactions_that_follow_may_write(own_database):
    mode = getattr(connection, "transaction_mode", None)
    for _ in range(2):
        with one_snapshot():
            User.objects.count()
        write()
    assert getattr(connection, "transaction_mode", None) == mode


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_nothing_can_be_written_in_it():
    with pytest.raises(DatabaseError, match="read-only"), one_snapshot():
        make_user()
    make_user()


@pytest.mark.django_db
def test_within_a_transaction_it_does_nothing():
    with one_snapshot():
        user = make_user()
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_composed_is_read_in_one_snapshot_and_nothing_else_is(api):
    import_ = make_import(make_user(), play(make_chart()))
    page = f"/api/v1/imports/{import_.import_id}"
    player = f"/api/v1/users/{import_.user_id}/games/sdvx/Single"
    for path in ("/api/v1/imports", page, f"{page}/poll-status", f"{player}/pbs/best"):
        with CaptureQueriesContext(connection) as composed:
            assert api.get(path).status_code == 200
        assert len(begun(composed)) == 1, path
    import_.state = State.RUNNING
    import_.save()
    with CaptureQueriesContext(connection) as polled:
        assert api.get(f"{page}/poll-status").status_code == 200
    assert len(polled) == 1
    with CaptureQueriesContext(connection) as changing:
        api.post(f"{page}/revert")
    assert not begun(changing)
