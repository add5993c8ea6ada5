"""Orphans, on the page of who has sent them."""

import pytest

from imports.models import Orphan, OrphanDiscard
from scores.models import Score
from tachi.jobs.models import Job
from tests.factories import make_chart, make_import, make_song, make_user, play
from tests.imports.pages.site_pages import ORPHANS, page_of, text_of, told

pytestmark = pytest.mark.django_db


def test_orphans_are_told_by_what_is_missing(client, owner):
    first = make_import(owner, play(99_999), play(99_999, score=8_000_000))
    make_import(owner, play(88_888))
    make_import(make_user(), play(77_777))

    answer = client.get(ORPHANS)
    said = text_of(answer)
    assert answer.content.count(b"Discard<") + answer.content.count(b"all 2") >= 1
    assert "99999" in said
    assert "88888" in said
    assert "77777" not in said
    assert page_of(first).encode() in answer.content
    assert "Try all 3 again now" in said
    assert "SOUND VOLTEX" in said


def test_all_that_lack_the_same_are_discarded_together(client, owner):
    make_import(owner, play(99_999), play(99_999, score=8_000_000), play(88_888))
    example = Orphan.objects.earliest("position")

    answer = client.post("/orphans/discard/", {"orphan": example.pk}, follow=True)
    assert answer.redirect_chain == [(ORPHANS, 302)]
    assert "Discarded 2 orphans." in text_of(answer)
    assert (Orphan.objects.count(), OrphanDiscard.objects.count()) == (1, 2)
    again = client.post("/orphans/discard/", {"orphan": example.pk}, follow=True)
    assert "It is not there any more" in text_of(again)


def test_nobody_discards_what_is_somebody_elses(client, owner):
    make_import(make_user(), play(99_999))
    client.post("/orphans/discard/", {"orphan": Orphan.objects.get().pk})
    client.post("/orphans/discard/", {"orphan": "²"})
    assert Orphan.objects.count() == 1


def test_they_are_tried_again(client, owner):
    make_import(owner, play(99_999), play(88_888))
    make_chart(song=make_song(song_id=99_999))

    answer = client.post("/orphans/retry/", follow=True)
    assert "Tried 2 orphans again: 1 became scores, 1 still wait." in text_of(answer)
    assert Score.objects.count() == 1


def test_many_are_tried_by_a_worker_whose_progress_is_shown(
    client, owner, settings, monkeypatch
):
    settings.IMPORT_INLINE = False
    monkeypatch.setattr("imports.orphans.FOR_A_WORKER", 2)
    make_import(owner, play(99_999), play(88_888))

    answer = client.post("/orphans/retry/", follow=True)
    job = Job.objects.get()
    assert "A worker tries them again" in text_of(answer)
    assert f'data-poll="/api/v1/jobs/{job.job_id}"'.encode() in answer.content
    assert b"Try all" not in answer.content


def test_who_has_none_is_told_so(client, owner):
    assert "You have none" in told(client, ORPHANS)
