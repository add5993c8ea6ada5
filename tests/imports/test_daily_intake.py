"""How many bytes a user's imports may add on a day, and how many at once."""

import random
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test import Client

from imports import quotas
from imports.models import DailyIntake, Import, ImportInput, Orphan
from imports.pipeline import Sent, run_inline, submit
from scores.derived.change import change_of
from tests.factories import document, make_chart, make_user, play, send
from tests.imports.site import Sender, Site
from tests.locking import AT_ONCE, held_elsewhere, row_of, takes_at_most

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 7, 31, 21, 30, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """What time it is; tests set `now`."""

    class Clock:
        now = NOW

    monkeypatch.setattr("django.utils.timezone.now", lambda: Clock.now)
    return Clock


@pytest.fixture
def site(settings, clock):
    settings.RATE_LIMITS = False
    settings.MAX_BYTES_A_DAY = 10_000
    return Site(Client(), Sender())


def used(user):
    row = DailyIntake.objects.filter(user=user).first()
    return row.bytes if row else 0


def noise(size):
    """Text that does not compress below half of its size."""
    return random.Random(1).randbytes(size // 2).hex()


def test_an_input_counts_as_it_is_stored(site):
    assert site.upload(site.text()).status_code == 202
    [stored] = ImportInput.objects.filter(of_import__state="queued")
    assert used(site.player) == stored.size == len(stored.payload) + len("{}")
    assert len(zlib.decompress(stored.payload)) == len(site.text())


def test_what_does_not_fit_into_the_day_waits_for_the_next(site, clock):
    DailyIntake.objects.create(user=site.player, day=NOW.date(), bytes=9_990)
    for verb in (site.upload, site.submit):
        answer = verb(site.text())
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) == 2.5 * 3600 + 1
        assert answer.json()["description"].startswith(
            "9.8 kB of imports are kept for each user a day (MAX_BYTES_A_DAY). "
            "Yours have used 9.8 kB today, and this one takes 0."
        )
        assert (
            "from 2025-08-01 00:00 UTC on, within 3 hours."
            in (answer.json()["description"])
        )
    assert used(site.player) == 9_990
    assert not Import.objects.unfinished().exists()
    clock.now = NOW + timedelta(hours=2.5)
    assert site.upload(site.text()).status_code == 202
    assert used(site.player) < 1_000


def test_a_clock_that_is_behind_does_not_begin_the_day_anew(site, clock):
    tomorrow = NOW.date() + timedelta(days=1)
    DailyIntake.objects.create(user=site.player, day=tomorrow, bytes=9_990)
    assert site.upload(site.text()).status_code == 429


def test_what_alone_is_more_than_a_day_may_bring_is_413(site):
    answer = site.upload(noise(30_000))
    assert answer.status_code == 413
    assert "never fit" in answer.json()["description"]
    assert "Retry-After" not in answer
    assert used(site.player) == 0
    assert not Import.objects.unfinished().exists()


def test_fields_beside_the_file_count_too(site):
    parts = b'--edge\r\nContent-Disposition: form-data; name="more"\r\n\r\n%s\r\n'
    parts %= b"x" * 20_000
    assert site.upload(site.text(), parts).status_code == 413


def test_others_do_not_count(site):
    DailyIntake.objects.create(user=make_user(), day=NOW.date(), bytes=10_000)
    assert site.upload(site.text()).status_code == 202


@pytest.mark.parametrize("content", ["no JSON", '{"meta": {}}', "[]"])
def test_what_is_refused_is_neither_kept_nor_counted(site, settings, content):
    settings.IMPORT_INLINE = True
    assert site.upload(content).status_code == 400
    assert used(site.player) == 0
    assert not ImportInput.objects.filter(of_import__state="failed").exists()


def test_of_another_day_nothing_is_given_back(site, clock):
    import_ = submit(Sent(site.player, "file/batch-manual", b"no JSON"))
    clock.now = NOW + timedelta(days=1)
    DailyIntake.objects.update(day=clock.now.date(), bytes=500)
    run_inline(import_)
    assert not ImportInput.objects.filter(of_import=import_).exists()
    assert used(site.player) == 500


def test_what_a_bug_stopped_is_kept_and_counts(
    site, settings, monkeypatch, the_long_way
):
    settings.IMPORT_INLINE = True
    monkeypatch.setattr("imports.pipeline.write", None)
    assert site.upload(site.text()).status_code == 500
    [stored] = ImportInput.objects.filter(of_import__state="failed")
    assert used(site.player) == stored.size


def test_orphans_errors_and_scores_count_when_they_are_written(site):
    plays = [play(5_000_000 + n, comment="x" * 100) for n in range(40)]
    import_ = send(site.player, document(*plays))
    run_inline(import_)
    assert Orphan.objects.filter(source_import=import_).count() == 40
    orphans = used(site.player)
    assert 40 * 250 < orphans < 40 * 500
    chart = make_chart()
    scores = [play(chart, 9_000_000 + n) for n in range(5)]
    brought = run_inline(send(site.player, document(*scores)))
    written = 5 * 1024 + len("[]") + len(brought.rows.packed)
    assert used(site.player) - orphans == written
    assert site.upload(site.text()).status_code == 429


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("setting", "most", "there"),
    [("MAX_UNFINISHED_UPLOADS", 40, 30), ("MAX_BYTES_A_DAY", 0, 0)],
)
def test_of_thirty_at_once_no_more_come_in_than_may(settings, setting, most, there):
    user, text = make_user(), b'{"meta": {}, "scores": [], "aside": "%d"}' % 7
    one = len(zlib.compress(text, level=1)) + len("{}")
    setattr(settings, setting, most or 10 * one)
    sent = Sent(user, "file/batch-manual", text)
    rows = [Import(user=user, import_type=sent.import_type) for _ in range(there)]
    Import.objects.bulk_create(rows)
    barrier, numbers = Barrier(30), count()

    def upload():
        connection.ensure_connection()
        barrier.wait()
        try:
            submit(replace(sent, key=f"{next(numbers)}"))
        except quotas.NoRoom:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(30) as pool:
        accepted = sum(
            each.result() for each in [pool.submit(upload) for _ in "x" * 30]
        )
    assert accepted == 10
    assert Import.objects.filter(user=user).count() == there + 10
    assert used(user) == 10 * one


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_no_upload_waits_for_a_change_of_the_users_scores():
    user, other = make_user(), make_user()
    with held_elsewhere(change_of, user.pk), takes_at_most(AT_ONCE):
        submit(Sent(user, "file/batch-manual", b"{}"))
        submit(Sent(other, "file/batch-manual", b"{}"))
    with held_elsewhere(row_of, user), takes_at_most(AT_ONCE):
        submit(Sent(user, "file/batch-manual", b"{}"))


def test_a_refusal_leaves_the_transaction_around_it_usable(site):
    sent = Sent(site.player, "file/batch-manual", b"x" * 100)
    with transaction.atomic():
        DailyIntake.objects.create(user=site.player, day=NOW.date(), bytes=9_999)
        with pytest.raises(quotas.DayIsFull):
            submit(sent)
        assert used(site.player) == 9_999
