"""Reverting and restoring, from the owners' pages."""

import pytest

from imports.models import Import, Revert
from scores.models import Score
from tests.factories import NOON, make_import, make_user, play
from tests.imports.pages.site_pages import page_of, text_of, told
from tests.state import state_of

pytestmark = pytest.mark.django_db


def fingerprint(answer):
    return answer.context["preview"]["fingerprint"]


def test_a_revert_is_shown_done_and_undone_again(client, owner, charts):
    import_ = make_import(
        owner, *(play(each, time=NOON) for each in charts), play(99_999)
    )
    later = make_import(owner, play(charts[0], time=NOON))
    before = state_of(owner)

    asked = client.get(page_of(import_, "revert"))
    said = text_of(asked)
    assert "2 scores go." in said
    assert "1 score stays, because another import has sent it too" in said
    assert later.import_id[:12] in said
    assert "1 orphan goes." in said
    assert "Ratings" in said
    assert charts[1].song.title in said
    assert state_of(owner) == before

    sent = {"fingerprint": fingerprint(asked), "reason": "a wrong file"}
    done = client.post(page_of(import_, "revert"), sent, follow=True)
    said = text_of(done)
    assert done.redirect_chain == [(page_of(import_), 302)]
    assert "2 scores went, 1 stayed" in said
    assert "You reverted it just now" in said
    assert said.count("Reverted. ") == 2  # the message, and the verdict
    assert "a wrong file" in said
    assert "It can be restored until" in said
    revert = Revert.objects.get()
    assert (revert.origin, revert.reverted_by) == ("api", owner)

    asked = client.get(page_of(import_, "restore"))
    said = text_of(asked)
    assert "2 scores come back." in said
    assert "1 orphan comes back." in said
    done = client.post(page_of(import_, "restore"), follow=True)
    assert "Restored. It has 3 scores again." in text_of(done)
    assert state_of(owner) == before


def test_what_has_changed_since_it_was_shown_is_shown_again(client, owner, charts):
    import_ = make_import(owner, *map(play, charts))
    shown = fingerprint(client.get(page_of(import_, "revert")))
    make_import(owner, play(charts[0]))

    answer = client.post(
        page_of(import_, "revert"), {"fingerprint": shown}, follow=True
    )
    assert answer.redirect_chain == [(page_of(import_, "revert"), 302)]
    assert "something has changed. Nothing was reverted." in text_of(answer)
    assert not Revert.objects.exists()


def test_what_is_too_much_to_try_out_is_counted(client, owner, charts, settings):
    import_ = make_import(owner, *map(play, charts))
    settings.PREVIEW_SCORES = 2
    assert "3 scores go." in told(client, page_of(import_, "revert"))
    done = client.post(page_of(import_, "revert"), follow=True)
    assert "3 scores went" in text_of(done)
    assert "too many scores" in told(client, page_of(import_, "restore"))
    client.post(page_of(import_, "restore"))
    assert Score.objects.count() == 3


def test_a_second_revert_or_restore_says_that_it_is_done(client, owner, charts):
    import_ = make_import(owner, play(charts[0]))
    client.post(page_of(import_, "revert"))
    again = client.get(page_of(import_, "revert"), follow=True)
    assert "It cannot be reverted: it is reverted." in text_of(again)
    again = client.post(page_of(import_, "revert"), follow=True)
    assert "It was reverted already" in text_of(again)

    client.post(page_of(import_, "restore"))
    again = client.post(page_of(import_, "restore"), follow=True)
    assert "It is not reverted: it is completed." in text_of(again)
    again = client.get(page_of(import_, "restore"), follow=True)
    assert "It is not reverted: it is completed." in text_of(again)


def test_an_administrator_may_as_by_the_api(client, owner, charts):
    import_ = make_import(owner, play(charts[0]))
    client.force_login(make_user(auth_level=3))
    assert "of the player player_one" in told(client, page_of(import_, "revert"))
    client.post(page_of(import_, "revert"), {"reason": "spam"})
    assert Import.objects.reverted().count() == 1
    client.force_login(owner)
    assert "spam" in told(client, page_of(import_))


def test_a_class_that_stays_is_named(client, owner, charts):
    import_ = make_import(owner, play(charts[0]), classes={"dan": "DAN_5"})
    assert "5th Dan in SOUND VOLTEX stays" in told(client, page_of(import_, "revert"))
