import pytest

from imports.models import Import, State
from imports.pipeline import run, run_inline
from imports.queue import leases
from scores.derived.integrity import check_user
from scores.models import ClassClaim, GameStats, PersonalBest, Score, Session
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db


def test_every_row_is_accounted_for(user, chart):
    make_import(user, play(chart, 9_000_000, NOON))

    import_ = make_import(
        user,
        play(chart, 9_000_000, NOON + 1),
        play(chart, 9_000_001),
        play(chart, 9_000_001),
        play(chart, 9_900_000, lamp="PERFECT ULTIMATE CHAIN"),
        play(4444, 9_000_000),
        play(4444, 9_000_000),
    )

    assert import_.counts == {
        "imported": 1,
        "held": 2,
        "differing": 0,
        "filled": 0,
        "orphaned": 2,
        "rejected": 1,
        "blocked": 0,
        "total": 6,
    }
    assert [error["type"] for error in import_.errors] == [
        "InvalidDatapoint",
        "SongOrChartNotFound",
        "OrphanExists",
    ]


def test_one_bad_row_changes_no_other_outcome(user, chart):
    good = [play(chart, 9_000_000 + n, NOON + n * HOUR) for n in range(5)]
    make_import(user, *good)
    clean = state_of(user)
    other = make_user()

    bad = play(chart, 9_000_000, 4_000_000_000_000)
    make_import(other, *good[:2], bad, *good[2:])

    assert len(clean["scores"]) == Score.objects.filter(user=other).count()
    assert Session.objects.filter(user=user).count() == 1
    assert Session.objects.filter(user=other).count() == 1


def test_an_import_that_nobody_can_read_fails_with_a_reason(user):
    import_ = run_inline(send(user, ["not", "a", "document"]))

    assert import_.state == State.FAILED
    assert import_.error_status == 400
    assert import_.error_text
    assert not Score.objects.exists()


def test_a_fault_of_ours_fails_the_import_and_tells_no_details(
    user, chart, monkeypatch
):
    def broken(*args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("imports.pipeline.write", broken)

    import_ = run_inline(send(user, document(play(chart))))

    assert (import_.state, import_.error_status) == (State.FAILED, 500)
    assert "secret" not in import_.error_text
    assert "secret detail" in import_.error_detail


def test_running_a_finished_import_again_changes_nothing(user, chart):
    import_ = make_import(user, play(chart, 9_000_000, NOON))
    before = state_of(user)

    assert leases.take_now(import_.pk) is None
    run_inline(import_)

    assert state_of(user) == before
    assert Import.objects.count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(user, chart):
    import_ = send(user, document(play(chart, 9_000_000, NOON)))
    slow = leases.take_now(import_.pk)
    Import.objects.filter(pk=import_.pk).update(lease_number=slow.lease_number + 1)

    with pytest.raises(leases.Superseded):
        run(slow, lambda *args: None)

    assert not Score.objects.exists()


def test_charts_that_change_under_an_import_are_read_again(user, chart):
    import_ = leases.take_now(send(user, document(play(chart, 9_000_000))).pk)
    looks = []

    def change_once(phase, *args):
        if phase == "writing" and not looks:
            looks.append(phase)
            chart.level_num = 20
            chart.changed_at = chart.changed_at.replace(year=2100)
            chart.save()

    run(import_, change_once)

    assert Score.objects.get().rating_1 == PersonalBest.objects.get().rating_1 == 0.327
    assert check_user(user.pk) == []


def test_a_class_without_scores_is_kept(user):
    make_import(user, classes={"dan": "DAN_5"})
    lower = make_import(user, classes={"dan": "DAN_3"})

    assert GameStats.objects.get().classes == {"dan": "DAN_5"}
    assert ClassClaim.objects.count() == 2
    assert lower.class_deltas == []


@pytest.mark.parametrize("others", [0, 50])
def test_statements_do_not_grow_with_charts_or_other_players(
    user, django_assert_max_num_queries, others
):
    charts = [make_chart() for _ in range(120)]
    for _ in range(others):
        make_import(make_user(), *[play(chart) for chart in charts[:3]])
    sent = [play(chart, 9_000_000 + n, NOON) for n, chart in enumerate(charts)]
    import_ = send(user, document(*sent))

    with django_assert_max_num_queries(60):
        run_inline(import_)

    assert Score.objects.filter(user=user).count() == 120
