import pytest

from imports.models import Import, ImportInput, State
from imports.pipeline import run_inline
from scores.models import Score
from tests.commands import call, failure
from tests.factories import NOON, document, make_chart, make_user, play, send
from tests.imports.queue.test_leases import woken

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(user, monkeypatch):
    """Two imports that a bug of ours has failed, the oldest first."""
    chart = make_chart()
    return [make_failed(user, monkeypatch, chart, n) for n in range(2)]


def make_failed(user, monkeypatch, chart, n):
    sent = send(user, document(play(chart, 9_000_000 + n, NOON)))
    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", None)
        assert run_inline(sent).state == State.FAILED
    return sent


def retry(*args):
    return call("retry_imports", "--no-input", *args)


def queued():
    return set(Import.objects.queued())


def test_failed_imports_are_queued_again_and_the_first_is_woken(failed, user):
    assert "Retried 2 imports." in retry("--user", user.username)
    assert queued() == set(failed)
    assert woken() == [failed[0].pk]  # which wakes the other when it ends


def test_one_is_queued_again_by_its_id(failed):
    retry(failed[1].import_id)
    assert queued() == {failed[1]}


def test_where_imports_run_inline_it_runs_them(failed, user, settings):
    settings.IMPORT_INLINE = True
    retry("--user", user.username)
    assert Import.objects.completed().count() == Score.objects.count() == 2


def test_what_was_refused_is_left_alone(failed, user):
    refused = run_inline(send(user, {}))
    assert "Retried 2 imports." in retry("--user", user.username)
    refused.refresh_from_db()
    assert refused.state == State.FAILED


def test_by_its_id_the_reason_is_told(failed):
    ImportInput.objects.filter(of_import=failed[0]).delete()
    out, error = failure("retry_imports", "--no-input", *map(str, failed))
    assert "Retried 1 import." in out
    assert f"{failed[0]}: It cannot be retried: what was sent is not kept" in error
    assert queued() == {failed[1]}


def test_a_dry_run_changes_nothing(failed, user):
    out = call("retry_imports", "--user", user.username, "--dry-run")
    assert "2 imports would be retried." in out
    assert not queued()


@pytest.mark.parametrize("args", [(), ("--user", "nobody"), ("0" * 40,)])
def test_what_is_badly_asked_changes_nothing(failed, args):
    failure("retry_imports", "--no-input", *args)
    assert not queued()


def test_what_has_not_failed_does_not_match(failed):
    other = send(make_user(), document())
    assert "No failed import matches." in retry(other.import_id)
