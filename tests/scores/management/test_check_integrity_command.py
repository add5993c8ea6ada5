import pytest
from django.db.models import F

from imports.models import Import, State
from scores.derived.integrity import check_user
from scores.locks import Busy
from scores.management.commands import check_integrity
from scores.models import Chart, ClassClaim, GameStats, PersonalBest, Score, Session
from tests.commands import call, failure, run
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play
from tests.imports.scratch import scratch_database
from tests.state import state_of

CLEAN = "Everything follows from the facts.\n"


def make_world(user):
    """A player with two sessions, one of them rated, bests of two games and a class."""
    charts = [make_chart(level=10 + n) for n in range(11)]
    make_import(
        user,
        *(play(chart, 9_500_000 + n, NOON + n) for n, chart in enumerate(charts)),
        play(charts[0], 9_600_000, NOON + 30 * HOUR),
        play(charts[1], 9_700_000),
        classes={"dan": "DAN_3"},
    )
    museca = {"game": "museca", "playtype": "Single"}
    chart = make_chart("museca", difficulty="Red")
    make_import(user, play(chart, 900_000, NOON), **museca)


@pytest.fixture
def user(db):
    user = make_user("somebody")
    make_world(user)
    return user


def first_session():
    return Session.objects.get(gpt="sdvx:Single", time_started=NOON)


def rate_a_score_wrong():
    Score.objects.filter(score_data__score=9_500_003).update(rating_1=1)


def grade_a_score_wrong():
    score = Score.objects.get(score_data__score=9_500_003)
    score.score_data["grade"] = "D"
    score.save()


def index_a_lamp_wrong():
    score = Score.objects.get(score_data__score=9_500_003)
    score.score_data["enumIndexes"]["lamp"] = 0
    score.save()


def change_a_chart_behind_the_scores_backs():
    Chart.objects.filter(game="sdvx", level_num=12).update(level_num=20)


def move_the_start_of_a_session():
    Session.objects.filter(pk=first_session().pk).update(time_started=NOON - 1)


def move_the_end_of_a_session():
    Session.objects.filter(pk=first_session().pk).update(time_ended=F("time_ended") + 1)


def rate_a_session_wrong():
    Session.objects.filter(pk=first_session().pk).update(ratings={"ProfileVF6": 1.0})


def say_a_session_is_older():
    Session.objects.filter(pk=first_session().pk).update(time_inserted=1)


def take_a_score_out_of_its_session():
    Score.objects.filter(score_data__score=9_500_003).update(session=None)


def put_a_score_into_another_session():
    other = Session.objects.get(time_started=NOON + 30 * HOUR)
    Score.objects.filter(score_data__score=9_500_003).update(session=other)


def put_an_untimed_score_into_a_session():
    Score.objects.filter(time_achieved=None).update(session=first_session())


def lose_a_session():
    session = first_session()
    session.scores.update(session=None)
    session.delete()


def cut_a_session_in_two():
    half = first_session()
    members = half.scores.filter(score_data__score__gte=9_500_005)
    pks = list(members.values_list("pk", flat=True))
    half.pk, half.session_id = None, "Q" + "0" * 40
    half.save()
    Score.objects.filter(pk__in=pks).update(session=half)


def make_up_a_session():
    session = first_session()
    session.pk, session.session_id, session.gpt = None, "Q" + "1" * 40, "usc:Controller"
    session.save()


def worsen_a_best():
    best = PersonalBest.objects.filter(gpt="sdvx:Single").order_by("pk").first()
    best.score_data["score"] -= 1
    best.save()


def rate_a_best_wrong():
    PersonalBest.objects.filter(gpt="museca:Single").update(rating_1=1)


def rank_a_best_wrong():
    PersonalBest.objects.filter(gpt="museca:Single").update(rank_1=1)


def time_a_best_wrong():
    PersonalBest.objects.filter(gpt="museca:Single").update(time_key=1)


def compose_a_best_of_nothing():
    PersonalBest.objects.filter(gpt="museca:Single").update(composed_from=[])


def lose_a_best():
    PersonalBest.objects.filter(gpt="museca:Single").delete()


def make_up_a_best():
    best = PersonalBest.objects.filter(gpt="museca:Single").get()
    best.pk, best.chart = None, make_chart("museca", difficulty="Red")
    best.save()


def rate_a_player_wrong():
    GameStats.objects.filter(gpt="sdvx:Single").update(ratings={"VF6": 20})


def promote_a_player():
    stats = GameStats.objects.get(gpt="sdvx:Single")
    stats.classes["dan"] = "INF"
    stats.save()


def lose_the_stats():
    GameStats.objects.filter(gpt="museca:Single").delete()


def make_up_stats():
    stats = GameStats.objects.get(gpt="museca:Single")
    stats.pk, stats.gpt = None, "ddr:SP"
    stats.save()


def withdraw_a_class_and_forget_the_stats():
    ClassClaim.objects.all().update(withdrawn_at=F("created_at"))


DAMAGES = {
    rate_a_score_wrong: "is not derived and rated as its chart has it",
    grade_a_score_wrong: "is not derived and rated as its chart has it",
    index_a_lamp_wrong: "is not derived and rated as its chart has it",
    change_a_chart_behind_the_scores_backs: "is not derived and rated",
    move_the_start_of_a_session: "has a wrong time_started",
    move_the_end_of_a_session: "has a wrong time_ended",
    rate_a_session_wrong: "has a wrong ratings",
    say_a_session_is_older: "has a wrong time_inserted",
    take_a_score_out_of_its_session: "is not in its session",
    put_a_score_into_another_session: "is not in its session",
    put_an_untimed_score_into_a_session: "has no time and is in a session",
    lose_a_session: "of sdvx:Single is missing",
    cut_a_session_in_two: "of sdvx:Single should not exist",
    make_up_a_session: "of usc:Controller should not exist",
    worsen_a_best: "(sdvx:Single) is wrong",
    rate_a_best_wrong: "(museca:Single) is wrong",
    rank_a_best_wrong: "(museca:Single) is wrong",
    time_a_best_wrong: "(museca:Single) is wrong",
    compose_a_best_of_nothing: "(museca:Single) is wrong",
    lose_a_best: "(museca:Single) is missing",
    make_up_a_best: "(museca:Single) is wrong",
    rate_a_player_wrong: "in sdvx:Single are wrong",
    promote_a_player: "in sdvx:Single are wrong",
    lose_the_stats: "in museca:Single are wrong",
    make_up_stats: "in ddr:SP are wrong",
    withdraw_a_class_and_forget_the_stats: "in sdvx:Single are wrong",
}
CHANGES_OF_FACTS = {
    change_a_chart_behind_the_scores_backs,
    withdraw_a_class_and_forget_the_stats,
}


def test_there_is_nothing_to_say_when_all_is_well(user):
    assert call("check_integrity") == CLEAN
    assert call("check_integrity", "--repair") == CLEAN


def test_an_empty_database_is_well(db):
    assert call("check_integrity") == CLEAN


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_named_and_can_be_repaired(user, damage):
    before = state_of(user)
    damage()
    damaged = state_of(user)

    out, reason = failure("check_integrity")
    assert out.startswith("somebody: ")
    assert DAMAGES[damage] in out
    assert reason.endswith("from the facts.")
    assert state_of(user) == damaged

    out = call("check_integrity", "--repair")
    assert DAMAGES[damage] in out
    assert "repaired." in out
    assert call("check_integrity") == CLEAN
    assert (state_of(user) == before) is (damage not in CHANGES_OF_FACTS)


def test_everything_at_once_is_repaired_at_once(user):
    before = state_of(user)
    for damage in (
        grade_a_score_wrong,
        put_an_untimed_score_into_a_session,
        make_up_a_session,
        cut_a_session_in_two,
        worsen_a_best,
        make_up_a_best,
        make_up_stats,
        lose_the_stats,
        rate_a_player_wrong,
    ):
        damage()
    call("check_integrity", "--repair")
    assert call("check_integrity") == CLEAN
    assert state_of(user) == before


def test_only_the_user_that_is_named_is_checked_and_repaired(user):
    other = make_user("other")
    make_world(other)
    rate_a_score_wrong()
    assert Score.objects.filter(rating_1=1).count() == 2

    out, _ = failure("check_integrity", "--user", "OTHER")
    assert "other: Score" in out
    assert "somebody" not in out
    call("check_integrity", "--user", "other", "--repair")
    assert call("check_integrity", "--user", "other") == CLEAN
    assert check_user(user.pk) != []


def test_a_repair_changes_nobody_elses_rows(user):
    other = make_user("other")
    make_world(other)
    before = state_of(other)
    Score.objects.filter(user=user).update(rating_1=1)
    call("check_integrity", "--repair")
    assert state_of(other) == before


@pytest.mark.parametrize("name", ["nobody", ""])
def test_an_unknown_user_is_told(db, name):
    assert failure("check_integrity", "--user", name) == (
        "",
        f"There is no user {name!r}.",
    )


def test_a_fact_that_cannot_be_is_not_said_to_be_repaired(user):
    import_ = Import.objects.get(game="museca")
    Import.objects.filter(pk=import_.pk).update(state=State.REVERTED)
    lose_the_stats()
    out, reason = failure("check_integrity", "--repair")
    assert "belongs to an import that is not completed" in out
    assert reason == "1 of 2 differences are left."


def test_a_player_who_is_busy_does_not_keep_the_others_from_being_checked(
    user, monkeypatch
):
    make_world(make_user("other"))
    GameStats.objects.filter(gpt="museca:Single").delete()

    def check(pk, *, repair):
        if pk == user.pk:
            raise Busy("Another change of these scores is at work.")
        return check_user(pk, repair=repair)

    monkeypatch.setattr(check_integrity, "check_user", check)
    out, reason = failure("check_integrity")
    assert "somebody: Not checked. Another change of these scores is at work." in out
    assert "other: The stats" in out
    assert reason == "2 differences from the facts."


@pytest.mark.slow
def test_its_exit_code_is_1_until_everything_is_repaired(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        make_world(make_user("somebody"))
        assert run(url, "check_integrity").returncode == 0
        lose_a_best()
        broken = run(url, "check_integrity")
        assert broken.returncode == 1
        assert "is missing" in broken.stdout
        assert "2 differences from the facts." in broken.stderr
        assert run(url, "check_integrity", "--repair").returncode == 0
        assert run(url, "check_integrity").returncode == 0
        assert run(url, "check_integrity", "--user", "nobody").returncode == 2
