"""After charts change, numbers are wholly of the old charts until a player's turn."""

import pytest

from imports.models import Import
from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived import waiting
from scores.derived.integrity import check_user
from scores.edits import delete_score, edit_score
from scores.locks import only_change_of
from scores.models import GameStats, PlayerToRerate, Score
from tachi.jobs.leases import take
from tachi.jobs.models import Job, State
from tachi.jobs.run import run
from tests.commands import call, failure
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_user,
    play,
)
from tests.locking import held_elsewhere
from tests.seeds import load_changed
from tests.state import state_of

pytestmark = pytest.mark.django_db
UNKNOWN_SONG = 7777


@pytest.fixture
def charts():
    return [make_chart(level=17) for _ in range(3)]


@pytest.fixture
def user(charts):
    """Somebody with two imports, of which the second repeats a score; and an orphan."""
    user = make_user("somebody")
    make_import(
        user,
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 9_500_000, NOON + HOUR),
        play(UNKNOWN_SONG, 9_100_000, NOON),
        service="first",
    )
    make_import(user, play(charts[0], 9_000_000, NOON), service="second")
    return user


def volforce(user):
    return GameStats.objects.get(user=user).ratings["VF6"]


def drain():
    job = waiting.run_here(lambda job: None)
    assert job is None or job.state == State.DONE
    assert not PlayerToRerate.objects.exists()
    return job


def test_a_load_changes_no_number_of_a_player(user, charts):
    before, bystander = state_of(user), make_user()
    make_import(bystander, play(charts[2]))

    load_changed(charts[0], levelNum=20)

    assert state_of(user) == before
    assert waiting.gpts_waiting(user.pk) == ["sdvx:Single"]
    assert waiting.gpts_waiting(bystander.pk) == []
    assert Job.objects.filter(kind="rerate").exists()
    assert check_user(user.pk) == []


def test_a_load_that_concerns_nobody_makes_no_job(user, charts):
    load_changed(charts[2], levelNum=20)
    assert not Job.objects.filter(kind="rerate").exists()


def test_the_job_rates_one_player_after_the_other(user, charts):
    other = make_user()
    make_import(other, play(charts[0], 9_900_000))
    before = [volforce(each) for each in (user, other)]
    load_changed(charts[0], levelNum=20)

    job = drain()

    assert job.result == {"players": 2, "profiles": 2, "scores": 2}
    assert (job.done, job.total) == (2, 2)
    after = [volforce(each) for each in (user, other)]
    assert all(new > old for new, old in zip(after, before, strict=True))
    assert check_user(user.pk) == check_user(other.pk) == []


def send(user, chart):
    make_import(
        user, play(chart, 9_000_000, NOON), play(chart, 9_700_000), service="third"
    )


def revert_first(user, chart):
    revert_import(Import.objects.get(service="first"), OPERATOR)


def revert_and_restore(user, chart):
    revert_first(user, chart)
    restore_import(Import.objects.get(service="first"), OPERATOR)


def delete(user, chart):
    delete_score(Score.objects.get(chart=chart))


def highlight(user, chart):
    edit_score(Score.objects.get(chart=chart), highlight=True)


def retry_orphans(user, chart):
    make_chart(song=make_song(song_id=UNKNOWN_SONG))
    reprocess(user)


VERBS = [send, revert_first, revert_and_restore, delete, highlight, retry_orphans]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("played", [0, 1])
def test_a_players_own_next_change_is_as_if_he_had_not_waited(
    user, charts, verb, played
):
    load_changed(charts[0], levelNum=20)
    verb(user, charts[played])
    assert waiting.gpts_waiting(user.pk) == []
    found = state_of(user)
    assert check_user(user.pk, repair=True) == []
    assert state_of(user) == found
    # No claim says that its import reported what the new charts gave.
    claims = Import.objects.filter(user=user).values_list("later_claims", flat=True)
    for claim in [each for of_import in claims for each in of_import.values()]:
        assert isinstance(claim, int) or "score_data" not in claim


def test_what_the_charts_changed_is_not_said_to_be_the_imports_doing():
    user, charts = make_user(), [make_chart(level=1) for _ in range(40)]
    make_import(user, *(play(chart, 9_900_000) for chart in charts[1:]))
    before = GameStats.objects.get(user=user).classes
    load_changed(*charts, levelNum=20)
    import_ = make_import(user, play(charts[0], 1_000_000))
    assert GameStats.objects.get(user=user).classes != before
    assert import_.class_deltas == []


def test_who_waits_for_two_loads_is_rated_for_both(user, charts):
    load_changed(charts[0], levelNum=20)
    load_changed(charts[1], levelNum=19)
    assert drain().result["scores"] == 2
    assert check_user(user.pk) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_is_busy_is_come_back_to(user, charts):
    other = make_user()
    make_import(other, play(charts[0]))
    load_changed(charts[0], levelNum=20)
    job = Job.objects.get(kind="rerate")
    with held_elsewhere(only_change_of, user.pk):
        run(take(job.pk))
        assert waiting.gpts_waiting(other.pk) == []
        assert waiting.gpts_waiting(user.pk) == ["sdvx:Single"]
        job.refresh_from_db()
        assert (job.state, job.done, job.attempts) == (State.QUEUED, 1, 0)
    assert drain().done == 2


def test_a_player_with_a_fault_is_set_aside(user, charts, monkeypatch):
    other = make_user()
    make_import(other, play(charts[0]))
    load_changed(charts[0], levelNum=20)
    really_rerate = waiting.rerate_if_waiting

    def fail(user_id):
        if user_id == user.pk:
            raise ZeroDivisionError("planted")
        return really_rerate(user_id)

    with monkeypatch.context() as patch:
        patch.setattr(waiting, "rerate_if_waiting", fail)
        _, reason = failure("rerate_scores", "--waiting")
    assert "Some could not be rated" in reason
    assert "planted" in PlayerToRerate.objects.get(user=user).problem
    assert waiting.gpts_waiting(other.pk) == []
    assert Job.objects.get(kind="rerate").result["failed"] == 1

    load_changed(charts[0], levelNum=19)
    drain()
    assert check_user(user.pk) == []


def test_check_integrity_says_who_waits_and_repairs_it(user, charts):
    load_changed(charts[0], levelNum=20)
    assert call("check_integrity") == (
        "somebody: Waits to be rated again in sdvx:Single.\n"
        "1 player waits to be rated again.\n"
        "Everything follows from the facts.\n"
    )
    call("check_integrity", "--repair")
    assert call("check_integrity") == "Everything follows from the facts.\n"


def test_a_wrong_number_of_who_waits_is_a_difference_still(user, charts):
    load_changed(charts[0], levelNum=20)
    Score.objects.filter(chart=charts[1]).update(rating_1=1)
    out, reason = failure("check_integrity")
    assert "is not derived and rated as its chart has it" in out
    assert reason == "1 difference from the facts."
