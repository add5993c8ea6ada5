"""Everybody's orphans are tried again when charts change, and daily, by a job."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import everybodys_orphans, orphans
from imports.everybodys_orphans import AFTER_CHARTS, BUSY, DAILY
from imports.models import Import, Orphan
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.locks import Busy
from scores.models import Score
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import Job, State
from tachi.jobs.run import run_to_end
from tests.commands import call
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_user,
    play,
)
from tests.seeds import load_changed
from tests.state import state_of

pytestmark = pytest.mark.django_db
SONG = 500_000
NOTHING = {"processed": 0, "success": 0, "failed": 0, "removed": 0}


def make_known(number=SONG, **fields):
    return make_chart(song=make_song(song_id=number), **fields)


def unknown(users, *numbers):
    return [make_import(user, *map(play, numbers)) for user in users]


def run(kind=DAILY):
    job = run_to_end(enqueue(kind, wake=False))
    assert job.state == State.DONE, job.error_detail
    return job.result


@pytest.fixture
def users(db):
    return [make_user() for _ in range(3)]


def test_a_load_of_seeds_brings_everybodys_scores_home(users):
    chart = make_chart()
    unknown(users, SONG, SONG + 1)
    make_known()
    load_changed(chart, levelNum=3)
    [job] = Job.objects.filter(kind=AFTER_CHARTS)
    outcome = run_to_end(job).result
    assert outcome == {**NOTHING, "processed": 6, "success": 3, "failed": 3}
    assert Score.objects.count() == 3
    assert Job.objects.get(kind=AFTER_CHARTS).total == 6
    assert not any(check_user(user.pk) for user in users)


def test_a_load_that_changes_nothing_asks_for_nothing(users):
    chart = make_chart()
    load_changed(chart, levelNum=chart.level_num)
    assert not Job.objects.exists()


def test_only_games_whose_charts_changed_are_tried_unless_it_is_daily(users):
    chart, _ = make_chart(), make_chart("chunithm")
    unknown(users, SONG)
    assert run()["processed"] == 3
    assert run(AFTER_CHARTS) == NOTHING
    load_changed(chart, levelNum=4)
    assert run(AFTER_CHARTS)["processed"] == 3
    assert run(AFTER_CHARTS) == NOTHING
    other = make_chart("chunithm")
    load_changed(other, levelNum=4)
    assert run(AFTER_CHARTS) == NOTHING
    assert run()["processed"] == 3


def test_charts_that_change_while_it_runs_are_not_missed(users, monkeypatch):
    """Who changes them joins the job, which has come past the orphans."""
    chart = make_chart()
    unknown(users, SONG)
    chunk, changes = everybodys_orphans._chunk, []

    def change_at_the_end(job):
        found = chunk(job)
        if not found and not changes:
            changes.append(make_known())
            load_changed(chart, levelNum=5)
        return found

    monkeypatch.setattr(everybodys_orphans, "_chunk", change_at_the_end)
    assert run(AFTER_CHARTS) == {**NOTHING, "processed": 6, "success": 3, "failed": 3}


@pytest.mark.parametrize("size", [1, 2, 500])
def test_however_large_the_chunks_are_it_is_the_same(users, monkeypatch, size):
    unknown(users, SONG, SONG + 1, SONG + 2)
    revert_import(Import.objects.first(), OPERATOR)
    for number in (SONG, SONG + 1):
        make_known(number)
    monkeypatch.setattr(everybodys_orphans, "CHUNK_SIZE", size)
    assert run() == {**NOTHING, "processed": 6, "success": 4, "failed": 2}
    assert Job.objects.get().done == 6


def test_a_player_who_is_busy_has_a_job_of_their_own(users, monkeypatch):
    unknown(users, SONG)
    make_known()
    really_try = everybodys_orphans.try_again

    def busy(own, *rest):
        if own[0].user_id == users[1].pk:
            raise Busy("at work")
        return really_try(own, *rest)

    monkeypatch.setattr(everybodys_orphans, "try_again", busy)
    assert run() == {**NOTHING, "processed": 2, "success": 2, BUSY: 1}
    [job] = Job.objects.filter(kind=orphans.KIND)
    assert job.user == users[1]
    assert run_to_end(job).result["success"] == 1


def test_a_bug_at_one_players_orphans_sets_them_aside_and_stops_nothing(
    users, monkeypatch
):
    unknown(users, SONG)
    make_known()
    really_insert = orphans.insert_and_recalculate

    def insert(touched, rows):
        if touched.user_id == users[1].pk:
            raise ZeroDivisionError
        return really_insert(touched, rows)

    with monkeypatch.context() as patch:
        patch.setattr(orphans, "insert_and_recalculate", insert)
        assert run() == {**NOTHING, "processed": 3, "success": 2, "failed": 1}
    orphan = Orphan.objects.get()
    assert orphan.message == everybodys_orphans.SET_ASIDE
    assert run() == {**NOTHING, "processed": 1, "success": 1}


def test_a_worker_that_dies_anywhere_loses_and_repeats_nothing(users, monkeypatch):
    """It dies at each commit of the job in turn, just before it."""
    unknown(users, SONG, SONG + 1)
    make_known()
    monkeypatch.setattr(everybodys_orphans, "CHUNK_SIZE", 4)
    really_store = everybodys_orphans.leases.store
    before = [state_of(user) for user in users]
    job, deaths = enqueue(DAILY, wake=False), 0
    for alive in range(20):
        stores = []

        def die(job, stores=stores, alive=alive, **progress):
            really_store(job, **progress)
            stores.append(progress)
            if len(stores) > 1 or alive == 0:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(everybodys_orphans.leases, "store", die)
            try:
                job = run_to_end(job)
                break
            except KeyboardInterrupt:
                deaths += 1
        if alive == 0:
            assert [state_of(user) for user in users] == before
    assert deaths > 3
    assert job.result == {**NOTHING, "processed": 6, "success": 3, "failed": 3}
    assert not any(check_user(user.pk) for user in users)


@pytest.mark.parametrize("players", [1, 50])
def test_a_thousand_that_stay_cost_few_statements_of_however_many_players(players):
    for _ in range(players):
        unknown([make_user()], *range(SONG, SONG + 1000 // players))
    make_known()
    with CaptureQueriesContext(connection) as queries:
        assert run()["processed"] == 1000
    changed = 25 * players  # a transaction of its own for each player of a score
    assert len(queries) <= 60 + changed


def test_the_command_tries_all_and_says_what_became_of_them(users):
    unknown(users, SONG, SONG + 1)
    make_known()
    said = call("reprocess_orphans")
    assert said.startswith("6 orphans: 3 became scores")
    assert Job.objects.get().state == State.DONE


def test_where_there_is_no_worker_the_load_itself_tries_them(
    users, settings, tmp_path, monkeypatch
):
    settings.IMPORT_INLINE = True
    unknown(users, SONG)
    make_known()
    monkeypatch.setattr(
        "scores.management.commands.load_seeds.load",
        lambda *args, **options: load_changed(make_chart(), levelNum=2) or [],
    )
    call("load_seeds", str(tmp_path))
    assert Score.objects.count() == 3
    assert Job.objects.get(kind=AFTER_CHARTS).state == State.DONE
