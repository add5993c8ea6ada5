"""Which orphans go, which stay and why; by whatever road they are tried again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import orphans
from imports.models import Import, Orphan
from imports.orphans import reprocess, retry
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.edits import delete_score
from scores.locks import only_change_of
from scores.models import Chart, Score
from tachi.jobs.models import Job, State
from tachi.jobs.run import run_to_end
from tests.commands import call, failure
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    play,
)
from tests.locking import AT_ONCE, held_elsewhere, takes_at_most
from tests.state import state_of

pytestmark = pytest.mark.django_db
SONG = 500_000


def make_known(number, **fields):
    return make_chart(song=make_song(song_id=number), **fields)


def outcome(processed=0, success=0, failed=0, removed=0):
    return {
        "processed": processed,
        "success": success,
        "failed": failed,
        "removed": removed,
    }


def the_same_as_at_once(user):
    """What a job makes of the orphans."""
    job = run_to_end(orphans.enqueue(orphans.KIND, user, wake=False))
    assert job.state == State.DONE
    return job.result


@pytest.fixture(params=[reprocess, the_same_as_at_once], ids=["at once", "by a job"])
def try_again(request):
    return request.param


def test_an_orphan_becomes_a_score_when_its_song_is_known(user, try_again):
    import_ = make_import(user, play(SONG, 9_000_000, NOON), play(SONG + 1))
    assert try_again(user) == outcome(processed=2, failed=2)
    make_known(SONG)
    assert try_again(user) == outcome(processed=2, success=1, failed=1)
    assert import_.scores.count() == 1
    assert import_.orphans.count() == 1


@pytest.mark.django_db(transaction=True)
def test_orphans_of_which_nothing_changes_wait_for_nobody(user):
    make_import(user, play(SONG))
    with held_elsewhere(only_change_of, user.pk), takes_at_most(AT_ONCE):
        assert reprocess(user) == outcome(processed=1, failed=1)


def test_an_orphan_that_meets_a_wrong_chart_stays_with_the_reason(user, try_again):
    make_import(user, play(SONG, lamp="PERFECT ULTIMATE CHAIN"))
    make_known(SONG)
    assert try_again(user) == outcome(processed=1, failed=1)
    assert "song" not in Orphan.objects.get().message.lower()
    assert not Score.objects.exists()


def test_an_orphan_that_meets_an_ambiguous_title_stays(user, try_again):
    row = {**play(SONG), "matchType": "songTitle", "identifier": "Twice"}
    make_import(user, row)
    songs = [make_song(title="Twice") for _ in range(2)]
    chart, _ = (make_chart(song=song) for song in songs)
    assert try_again(user) == outcome(processed=1, failed=1)
    Chart.objects.exclude(pk=chart.pk).delete()
    songs[1].delete()
    assert try_again(user) == outcome(processed=1, success=1)


def test_an_orphan_that_cannot_be_read_any_more_stops_no_other(user, try_again):
    numbers = range(SONG, SONG + 5)
    make_import(user, *(play(number) for number in numbers))
    broken = Orphan.objects.order_by("pk")[2]
    Orphan.objects.filter(pk=broken.pk).update(data={"score": "?"})
    for number in numbers:
        make_known(number)
    assert try_again(user) == outcome(processed=5, success=4, failed=1)
    assert Orphan.objects.get().message.startswith("This row cannot be read any more.")


def test_an_orphan_of_a_score_that_is_held_or_discarded_goes(user, try_again):
    for service in ("first", "second"):
        make_import(user, play(SONG, 9_000_000, NOON), play(SONG + 1), service=service)
    chart = make_known(SONG + 1)
    later = make_import(user, play(chart))
    delete_score(later.scores.get(), block=True)
    make_known(SONG)
    assert try_again(user) == outcome(processed=4, success=1, removed=3)
    assert not Orphan.objects.exists()
    revert_import(Import.objects.get(service="first"), OPERATOR)
    assert Score.objects.get().source_import.service == "second"
    assert check_user(user.pk) == []


def test_in_chunks_it_is_the_same(user, try_again, monkeypatch):
    plays = [play(SONG + n, 9_000_000 + n, NOON + n * HOUR) for n in range(7)]
    make_import(user, *plays[:5], service="first")
    make_import(user, *plays[2:], service="second")
    for n in range(6):
        make_known(SONG + n)
    monkeypatch.setattr(orphans, "CHUNK_SIZE", 3)
    assert try_again(user) == outcome(processed=10, success=6, removed=3, failed=1)
    assert check_user(user.pk) == []


def test_charts_that_change_meanwhile_are_read_again(user, try_again, monkeypatch):
    make_import(user, play(SONG))
    make_known(SONG)
    really_read, looks = orphans.read_again, []

    def change_once(some):
        rows = really_read(some)
        if not looks:
            looks.append(1)
            chart = Chart.objects.get(song__song_id=SONG)
            chart.level_num, chart.changed_at = 20, chart.changed_at.replace(year=2100)
            chart.save()
        return rows

    monkeypatch.setattr(orphans, "read_again", change_once)
    assert try_again(user) == outcome(processed=1, success=1)
    assert check_user(user.pk) == []


@pytest.mark.parametrize("of_imports", [1, 20])
def test_a_thousand_orphans_cost_few_statements(user, of_imports):
    each = 1000 // of_imports
    for first in range(SONG, SONG + 1000, each):
        make_import(user, *(play(number) for number in range(first, first + each)))
    for number in (SONG, SONG + 1):
        make_known(number)
    with CaptureQueriesContext(connection) as queries:
        found = reprocess(user)
    assert found == outcome(processed=1000, success=2, failed=998)
    assert len(queries) <= 60


def test_many_orphans_are_work_for_a_worker(api, user, monkeypatch):
    monkeypatch.setattr(orphans, "FOR_A_WORKER", 2)
    make_import(user, play(SONG), play(SONG + 1))
    make_known(SONG)
    token = make_token(user, "submit_score")
    answer = api.post("/api/v1/import/orphans", token=token)
    assert answer.status_code == 202
    assert answer["Retry-After"] == "1"
    body = answer.json()["body"]
    assert body["importID"] is None
    assert body["url"].endswith(f"/api/v1/jobs/{body['jobID']}")
    again = api.post("/api/v1/import/orphans", token=token).json()["body"]
    assert again["jobID"] == body["jobID"]
    path = body["url"].partition("testserver")[2]
    assert api.get(path).json()["body"]["importStatus"] == "ongoing"
    run_to_end(Job.objects.get())
    assert api.get(path).json()["body"] == {
        "importStatus": "completed",
        "result": outcome(processed=2, success=1, failed=1),
    }


def test_where_imports_run_in_the_request_so_do_orphans(user, monkeypatch, settings):
    monkeypatch.setattr(orphans, "FOR_A_WORKER", 2)
    settings.IMPORT_INLINE = True
    make_import(user, play(SONG), play(SONG + 1))
    assert retry(user) == outcome(processed=2, failed=2)
    assert not Job.objects.exists()


def test_the_command_tries_everybodys_or_a_users_or_an_imports():
    users = [make_user(name) for name in ("one", "other", "third")]
    imports = [make_import(user, play(SONG)) for user in users]
    make_known(SONG)
    said = "1 orphan: 1 became scores, 0 were known already or blocked, 0 remain.\n"
    assert call("reprocess_orphans", "--user", "ONE") == said
    assert call("reprocess_orphans", "--import", imports[1].import_id) == said
    assert [each.scores.count() for each in imports] == [1, 1, 0]
    assert call("reprocess_orphans") == said
    assert call("reprocess_orphans").startswith("0 orphans")
    for wrong in (["--user", "nobody"], ["--import", "nothing"]):
        assert repr(wrong[1]) in failure("reprocess_orphans", *wrong)[1]


def test_the_job_of_a_worker_that_dies_repeats_and_loses_nothing(user, monkeypatch):
    """It dies after the work and before the commit: the chunk is there once."""
    make_import(user, *(play(SONG + n, 9_000_000, NOON + n) for n in range(4)))
    for n in range(4):
        make_known(SONG + n)
    monkeypatch.setattr(orphans, "CHUNK_SIZE", 2)
    before = state_of(user)
    job = orphans.enqueue(orphans.KIND, user, wake=False)
    really_store = orphans.leases.store

    def die(job, **progress):
        really_store(job, **progress)
        if progress.get("done"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(orphans.leases, "store", die)
        with pytest.raises(KeyboardInterrupt):
            run_to_end(job)
    assert state_of(user) == before
    assert run_to_end(job).result == outcome(processed=4, success=4)
    assert check_user(user.pk) == []
