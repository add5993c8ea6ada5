import html

import pytest

from imports.models import Import, State
from imports.pipeline import run_inline
from imports.queue import leases, stops
from tachi.moderation.models import Entry
from tests.factories import NOON, document, make_chart, make_row, make_user, play, send
from tests.imports.admin.moderation import (
    IMPORTS,
    ask,
    confirm,
    detail_page,
    may_only,
    send_one,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]


@pytest.fixture
def failed(monkeypatch):
    """An import that a bug of ours has failed."""
    sent = send(make_user(), document(play(make_chart(), 9_000_000, NOON)))
    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", None)
        return run_inline(sent)


def test_imports_are_cancelled_once_that_is_confirmed(client, moderator):
    queued, running, done = make_row(), make_row(), send_one(make_user())
    leases.take(running.pk)

    asked = ask(client, "cancel", queued, running, done).content.decode()
    assert "Nothing of these imports will be stored." in asked
    assert "1 of the selected imports is in another state, and" in asked
    assert "Imported then" not in asked
    assert '<span class="badge wait">Queued</span>' in asked
    assert '<span class="badge wait">Running</span>' in asked
    assert state(queued) == State.QUEUED

    page = confirm(client, "cancel", queued, running)

    assert "Cancelled 2 imports." in page
    assert {state(queued), state(running)} == {State.CANCELLED}
    assert state(done) == State.COMPLETED
    assert Import.objects.get(pk=queued.pk).error_detail == (
        f"Cancelled by {moderator} (admin)."
    )
    assert Entry.objects.filter(verb="cancel", by=moderator).count() == 2


def test_one_that_is_written_meanwhile_is_left_alone(client, monkeypatch):
    import_ = make_row()
    really_cancel = stops.cancel_import

    def too_late(each, by):
        Import.objects.filter(pk=each.pk).update(state=State.COMPLETED, sequence=1)
        return really_cancel(each, by)

    monkeypatch.setattr("imports.admin.actions.cancel_import", too_late)
    page = html.unescape(confirm(client, "cancel", import_))
    assert "was refused. It cannot be cancelled: this import is completed." in page


def test_failed_imports_run_again_once_that_is_confirmed(client, failed):
    refused = run_inline(send(make_user(), {}))

    asked = ask(client, "retry", failed, refused).content.decode()
    kept = "is in another state, or what was sent is not kept, and will be left alone."
    assert f"1 of the selected imports {kept}" in asked
    assert '<th scope="col">Failed</th>' in asked
    assert state(failed) == State.FAILED

    page = confirm(client, "retry", failed)

    assert "Retried 1 import." in page
    assert (state(failed), state(refused)) == (State.QUEUED, State.FAILED)
    page = ask(client, "retry", refused).content.decode()
    assert "Nothing was retried: none of the selected imports has failed" in page


def test_the_page_of_an_import_has_the_button_that_fits(client, failed):
    refused, queued = run_inline(send(make_user(), {})), make_row()
    assert "Cancel…" in detail_page(client, queued)
    assert "Retry…" in detail_page(client, failed)
    for other in (refused, send_one(make_user())):
        page = detail_page(client, other)
        assert "Cancel…" not in page
        assert "Retry…" not in page


def test_it_needs_a_permission_of_its_own(client, moderator, failed):
    queued = make_row()
    moderator.is_staff = True
    may_only(moderator, "view_import", "revert_import")
    for action, import_ in (("cancel", queued), ("retry", failed)):
        confirm(client, action, import_)
        assert "Cancel…" not in detail_page(client, import_)
    assert (state(queued), state(failed)) == (State.QUEUED, State.FAILED)

    may_only(moderator, "view_import", "cancel_import")
    confirm(client, "cancel", queued)
    confirm(client, "retry", failed)
    assert (state(queued), state(failed)) == (State.CANCELLED, State.QUEUED)


def test_too_many_at_once_are_refused_without_a_word_of_a_shell(client, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 1)
    user = make_user("wanted")
    imports = [make_row(user) for _ in range(2)]
    url = f"{IMPORTS}?user=wanted"
    page = ask(client, "cancel", *imports, url=url, select_across="1").content.decode()
    assert "At most 100 imports at once. Narrow the list down." in page
    assert "manage.py" not in page
