import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scores.derived import waiting
from scores.derived.integrity import check_user
from scores.derived.rerate import rerate_if_waiting
from scores.derived.waiting import gpts_waiting
from scores.games import get_game
from scores.management.rerating import waiting_text
from scores.models import GameStats, PersonalBest, Score, Session
from tachi.jobs.models import Job, State
from tests.commands import call, failure, run
from tests.factories import NOON, make_chart, make_import, make_user, play
from tests.imports.scratch import scratch_database
from tests.state import state_of

USC = {"game": "usc", "playtype": "Controller"}


def make_player(name=""):
    """A player with a rated session of ten scores, and one score of another game."""
    user = make_user(name)
    charts = [make_chart() for _ in range(10)]
    make_import(
        user,
        *(play(chart, 9_500_000 + n, NOON + n) for n, chart in enumerate(charts)),
        play(charts[0], 9_400_000),
    )
    make_import(user, play(make_chart("usc", "Controller")), **USC)
    return user


@pytest.fixture
def user(db):
    return make_player("somebody")


@pytest.fixture
def a_new_formula(monkeypatch):
    """From now on every play of SOUND VOLTEX and of USC is worth twice as much."""

    def take_effect():
        for gpt in ("sdvx:Single", "usc:Controller"):
            ratings = get_game(gpt).score_ratings
            (name,) = ratings
            old = ratings[name].calculate

            def double(score_data, chart, old=old):
                return 2 * old(score_data, chart)

            new = {name: replace(ratings[name], calculate=double)}
            monkeypatch.setitem(get_game(gpt).__dict__, "score_ratings", new)

    return take_effect


def ratings(user):
    sdvx = {"user": user, "gpt": "sdvx:Single"}
    return [
        Score.objects.get(**sdvx, score_data__score=9_400_000).rating_1,
        PersonalBest.objects.filter(**sdvx).order_by("pk").first().rating_1,
        Session.objects.get(**sdvx).ratings["ProfileVF6"],
        GameStats.objects.get(**sdvx).ratings["VF6"],
    ]


def is_up_to_date(user):
    return check_user(user.pk) == []


def is_stored(user):
    """Whether it is in the database, and does not only wait."""
    return is_up_to_date(user) and not gpts_waiting(user.pk)


def test_a_new_formula_reaches_all_that_follows_from_it(user, a_new_formula):
    before = ratings(user)
    assert all(before)
    a_new_formula()
    assert not is_up_to_date(user)

    assert call("rerate_scores") == "12 scores changed in 2 profiles.\n"

    assert ratings(user) == pytest.approx([2 * rating for rating in before])
    assert is_up_to_date(user)


def test_its_former_name_still_works(user, a_new_formula):
    a_new_formula()
    assert call("recalculate", "--game", "usc") == "1 score changed in 1 profile.\n"
    assert call("rerate_scores") == "11 scores changed in 2 profiles.\n"


def test_it_gives_what_an_import_under_the_new_formula_would_have_given(
    user, a_new_formula
):
    chart = make_chart()
    plays = [play(chart, 9_000_000, NOON), play(chart, 9_100_000, lamp="FAILED")]
    before, after = make_user(), make_user()
    make_import(before, *plays)
    a_new_formula()
    make_import(after, *plays)
    call("rerate_scores")
    found = [
        (best.score_data, best.rating_1)
        for best in PersonalBest.objects.filter(chart=chart)
    ]
    assert found[0] == found[1]
    stats = GameStats.objects.filter(user__in=(before, after))
    assert len({repr((each.ratings, each.classes)) for each in stats}) == 1


def test_a_derived_class_follows_the_new_rating(user, a_new_formula):
    before = GameStats.objects.get(user=user, gpt="sdvx:Single").classes["vfClass"]
    a_new_formula()
    call("rerate_scores")
    after = GameStats.objects.get(user=user, gpt="sdvx:Single").classes["vfClass"]
    classes = get_game("sdvx:Single").classes["vfClass"]
    assert classes.better(after, before)


@pytest.mark.parametrize("name", ["session_ratings", "profile_ratings"])
def test_new_formulas_of_sessions_and_profiles_are_rolled_out_too(
    user, monkeypatch, name
):
    game = get_game("sdvx:Single")
    monkeypatch.setitem(game.__dict__, name, halved(getattr(game, name)))
    assert not is_up_to_date(user)
    assert call("rerate_scores") == "0 scores changed in 2 profiles.\n"
    assert is_up_to_date(user)


def halved(ratings):
    ((name, rating),) = ratings.items()
    if hasattr(rating, "times"):
        return {name: replace(rating, times=rating.times / 2)}
    return {name: replace(rating, calculate=lambda *values: sum(*values) / 2)}


def test_a_second_run_writes_nothing(user, a_new_formula):
    a_new_formula()
    call("rerate_scores")
    before = state_of(user)
    with CaptureQueriesContext(connection) as queries:
        assert call("rerate_scores") == "0 scores changed in 2 profiles.\n"
    written = [
        each["sql"]
        for each in queries
        if each["sql"].startswith(("INSERT", "UPDATE", "DELETE", "COPY"))
        and not re.search("jobs_job|playertorerate|accounts_user", each["sql"])
    ]
    assert written == []
    assert state_of(user) == before


def test_without_a_new_formula_nothing_changes(user):
    before = state_of(user)
    assert call("rerate_scores") == "0 scores changed in 2 profiles.\n"
    assert state_of(user) == before


def outdated_gpts(user):
    found = Score.objects.filter(user=user).order_by("pk")
    first = {score.gpt: score for score in found}
    return {
        gpt
        for gpt, score in first.items()
        if get_game(gpt).rate(score.score_data, score.chart) != score.ratings[:1]
    }


def test_only_the_game_that_is_named_is_done(user, a_new_formula):
    a_new_formula()
    assert outdated_gpts(user) == {"sdvx:Single", "usc:Controller"}
    assert call("rerate_scores", "--game", "usc") == "1 score changed in 1 profile.\n"
    assert outdated_gpts(user) == {"sdvx:Single"}


def test_only_the_user_that_is_named_is_done(user, a_new_formula):
    other = make_player("other")
    a_new_formula()
    call("rerate_scores", "--user", "OTHER")
    assert is_up_to_date(other)
    assert not is_up_to_date(user)


def test_only_the_users_after_the_one_that_is_named_are_done(user, a_new_formula):
    other = make_player()
    a_new_formula()
    call("rerate_scores", "--after", str(user.pk))
    assert is_up_to_date(other)
    assert not is_up_to_date(user)


@pytest.mark.parametrize(
    "options", [["--user", "nobody"], ["--user", ""], ["--game", "chess"]]
)
def test_an_unknown_user_or_game_is_told(user, options):
    _, reason = failure("rerate_scores", *options)
    assert repr(options[1]) in reason


@pytest.mark.parametrize("players", [0, 1, 2])
def test_interrupted_it_leaves_the_rest_to_workers(
    user, a_new_formula, monkeypatch, players
):
    users = [user, make_player(), make_player()]
    a_new_formula()
    turns = iter(range(3))

    def interrupt(user_id):
        if next(turns) == players:
            raise KeyboardInterrupt
        return rerate_if_waiting(user_id)

    with monkeypatch.context() as patch:
        patch.setattr(waiting, "rerate_if_waiting", interrupt)
        _, reason = failure("rerate_scores")
    assert reason.startswith(f"Interrupted. {waiting_text(3 - players)}: workers go")
    stored = [is_stored(each) for each in users]
    assert stored == [True] * players + [False] * (3 - players)
    (job,) = Job.objects.unfinished()
    assert (job.state, job.done) == (State.QUEUED, players)

    rest = call("rerate_scores", "--waiting")

    assert rest.endswith(f" in {6 - 2 * players} profiles.\n")
    assert all(map(is_stored, users))
    job.refresh_from_db()
    assert job.state == State.DONE


def test_an_interrupt_in_the_middle_of_a_player_leaves_them_as_they_were(
    user, a_new_formula, monkeypatch
):
    a_new_formula()
    before = state_of(user)

    def interrupt(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("scores.derived.rerate.insert_and_recalculate", interrupt)
        failure("rerate_scores")
    assert state_of(user) == before


@pytest.mark.slow
def test_its_exit_code_is_0_when_done_and_1_when_not(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        user = make_player()
        Score.objects.update(rating_1=1)
        done = run(url, "rerate_scores")
        assert (done.returncode, done.stdout) == (
            0,
            "12 scores changed in 2 profiles.\n",
        )
        assert is_up_to_date(user)
        nobody = run(url, "rerate_scores", "--user", "nobody")
        assert (nobody.returncode, nobody.stdout) == (2, "")
