"""What users of other trackers reported of reverts, each so that it stays mended."""

import pytest

from imports.models import Orphan
from scores.models import GameStats, PersonalBest, Session
from tests.factories import (
    HOUR,
    NOON,
    make_chart,
    make_import,
    make_token,
    play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


@pytest.fixture
def owner(user):
    return make_token(user, "delete_score", "submit_score")


@pytest.fixture
def revert(api, owner):
    def revert(import_):
        answer = api.post(f"/api/v1/imports/{import_}/revert", {}, token=owner)
        assert answer.status_code == 200, answer.content

    return revert


def body(api, path):
    answer = api.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()["body"]


def of_player(user, path):
    return f"/api/v1/users/{user.pk}/games/sdvx/Single/{path}"


def scores_on(api, user, chart):
    return body(api, of_player(user, f"scores/{chart.chart_id}"))


def test_the_other_scores_of_a_chart_are_still_shown(api, user, chart, revert):
    """A revert hid all scores of a chart."""
    make_import(user, play(chart, 9_000_000, NOON))
    wrong = make_import(user, play(chart, 9_900_000, NOON + DAY))
    make_import(user, play(chart, 9_500_000, NOON + 2 * DAY))

    revert(wrong)

    shown = [each["scoreData"]["score"] for each in scores_on(api, user, chart)]
    assert sorted(shown) == [9_000_000, 9_500_000]
    best = body(api, of_player(user, f"pbs/{chart.chart_id}"))
    assert best["pb"]["scoreData"]["score"] == 9_500_000


def test_a_best_goes_with_its_only_score(api, user, chart, revert):
    """A best lingered after its only score was gone."""
    other = make_chart()
    make_import(user, play(other, 9_000_000, NOON))
    before = state_of(user)
    wrong = make_import(user, play(chart, 9_900_000, NOON + DAY))

    revert(wrong)

    best = api.get(of_player(user, f"pbs/{chart.chart_id}"))
    assert best.status_code == 404
    assert PersonalBest.objects.filter(user=user).get().chart == other
    assert state_of(user) == before


def test_no_session_stays_without_scores(api, user, chart, revert):
    """Sessions kept ghosts: one that was empty, and bounds of scores that were gone."""
    make_import(user, play(chart, 9_000_000, NOON))
    grown = make_import(user, play(chart, 9_100_000, NOON + HOUR))
    alone = make_import(user, play(chart, 9_200_000, NOON + DAY))

    revert(grown)
    revert(alone)

    session = Session.objects.get(user=user)
    assert (session.time_started, session.time_ended) == (NOON, NOON)
    shown = body(api, f"/api/v1/sessions/{session.session_id}")
    assert [each["timeAchieved"] for each in shown["scores"]] == [NOON]


def test_orphans_go_with_their_import(user, revert):
    """Orphans outlived their import, and came home as scores that nobody had sent."""
    wrong = make_import(user, play(4444, 9_000_000, NOON))
    assert Orphan.objects.filter(user=user).exists()

    revert(wrong)

    assert not Orphan.objects.filter(user=user).exists()


def test_a_profile_is_as_before_after_many_bad_imports(user, revert):
    """A profile was wiped by imports that were wrong again and again."""
    charts = [make_chart(level=level) for level in (15, 16, 17)]
    make_import(user, *(play(chart, 9_000_000, NOON) for chart in charts))
    before = state_of(user)
    wrong = [
        make_import(
            user,
            *(play(chart, 9_990_000, NOON + (day + n) * DAY) for chart in charts),
            play(4444, 5_000_000 + n),
        )
        for n, day in enumerate((1, 5, 3, 2, 9))
    ]
    assert state_of(user) != before

    for import_ in wrong[::2] + wrong[1::2]:
        revert(import_)

    assert state_of(user) == before


def test_nothing_is_left_where_there_was_nothing(user, chart, revert):
    """A player who had never played the game kept a profile, and an empty session."""
    before = state_of(user)
    wrong = make_import(user, play(chart, 9_900_000, NOON))

    revert(wrong)

    assert state_of(user) == before
    assert not GameStats.objects.filter(user=user).exists()
