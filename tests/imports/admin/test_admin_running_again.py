"""Moderators run imports again, as another playtype where that was wrong."""

import html

import pytest
from django.urls import reverse

from imports.models import Import, Revert, RevertBatch, State
from scores.models import Score
from tests.factories import NOON, make_chart, make_import, make_song, make_user, play
from tests.imports.admin.moderation import ask, confirm, detail_page, may_only, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return make_user("moderator", is_staff=True, is_superuser=True)


@pytest.fixture
def client(client, moderator):
    client.force_login(moderator)
    return client


@pytest.fixture
def wrong(user):
    """Sent as SP, and played as DP."""
    song = make_song("iidx")
    data = {"notecount": 1000, "inGameID": 1, "2dxtraSet": None}
    single, _ = (
        make_chart("iidx", playtype, song=song, difficulty="ANOTHER", data=data)
        for playtype in ("SP", "DP")
    )
    sent = play(single, 900, NOON)
    return make_import(user, sent, game="iidx", playtype="SP", classes={"dan": "DAN_7"})


def test_it_is_run_again_as_the_playtype_that_is_chosen(client, wrong, moderator):
    asked = ask(client, "run_again", wrong).content.decode()
    for choice in ("as it was sent", "SP", "DP"):
        assert f">{choice}</option>" in asked
    assert state(wrong) == State.COMPLETED

    page = confirm(client, "run_again", wrong, playtype="DP", reason="a wrong setting")

    assert "Ran again 1 import, as DP." in page
    assert "1 provided class to look at" in page
    assert Score.objects.get().gpt == "iidx:DP"
    again = Import.objects.completed().get()
    batch = Revert.objects.get().batch
    assert (batch.kind, batch.run_again) == (
        RevertBatch.Kind.RERUN,
        {"playtype": "DP"},
    )
    assert (batch.created_by, batch.reason) == (moderator, "a wrong setting")
    link = reverse("admin:imports_import_change", args=[again.pk])
    assert link in detail_page(client, wrong)
    page = detail_page(client, again)
    assert "It took the place of import" in page
    assert reverse("admin:imports_import_change", args=[wrong.pk]) in page
    history = client.get(reverse("admin:imports_import_history", args=[wrong.pk]))
    page = history.content.decode()
    assert "Run Again" in page
    assert "a wrong setting" in page


def test_what_cannot_be_run_again_is_said(client, user):
    import_ = make_import(user, play(make_chart()))
    page = confirm(client, "run_again", import_, playtype="DP")
    assert "Select a valid choice. DP is not" in html.unescape(page)

    import_.input.delete()
    page = ask(client, "run_again", import_).content.decode()
    assert "Nothing was run again: none of the selected" in page
    assert "Run again…" not in detail_page(client, Import.objects.get())


def test_of_two_games_a_playtype_is_refused_where_there_is_none(client, user, wrong):
    import_ = make_import(user, play(make_chart()))

    page = html.unescape(confirm(client, "run_again", wrong, import_, playtype="DP"))

    assert "Ran again 1 import, as DP." in page
    assert "was refused. It cannot be run again: sdvx has no playtype DP" in page
    assert (state(wrong), state(import_)) == (State.REVERTED, State.COMPLETED)


def test_it_needs_the_permission_to_revert(client, moderator, wrong):
    may_only(moderator, "view_import", "restore_import")
    confirm(client, "run_again", wrong)
    assert "Run again…" not in detail_page(client, wrong)
    assert state(wrong) == State.COMPLETED

    may_only(moderator, "view_import", "revert_import")
    assert "Run again…" in detail_page(client, wrong)
    confirm(client, "run_again", wrong)
    assert state(wrong) == State.REVERTED


def test_it_is_undone_by_a_restore(client, wrong):
    confirm(client, "run_again", wrong, playtype="DP")

    page = confirm(client, "restore", wrong)

    assert "Restored 1 import with 1 score." in page
    assert Score.objects.get().gpt == "iidx:SP"
    assert Import.objects.get() == wrong
