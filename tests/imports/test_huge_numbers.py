import pytest

from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_song,
    make_user,
    play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
UNKNOWN_SONG = 77_777


@pytest.fixture
def user():
    return make_user()


def popn_play(chart, hi_speed):
    return {
        "matchType": "tachiSongID",
        "identifier": str(chart.song.song_id),
        "difficulty": chart.difficulty,
        "score": 90_000,
        "clearMedal": "clearCircle",
        "scoreMeta": {"hiSpeed": hi_speed},
    }


@pytest.mark.parametrize("time", [1e19, 1e100, 1.5e300])
def test_an_orphan_of_the_farthest_future_goes_and_comes_back(user, time):
    import_ = make_import(user, play(make_chart()), play(UNKNOWN_SONG, time=time))
    before = state_of(user)
    assert revert_import(import_, OPERATOR).scores == 1
    assert restore_import(import_, OPERATOR) == 1
    assert state_of(user) == before
    make_chart(song=make_song(song_id=UNKNOWN_SONG))
    assert reprocess(user)["failed"] == 1


@pytest.mark.parametrize("hi_speed", [-1e19, 1e20, 1e300])
def test_a_huge_number_in_a_score_is_handed_on_and_back(user, hi_speed):
    chart = make_chart("popn", "9B", difficulty="Hyper")
    meta = {"game": "popn", "playtype": "9B"}
    first = make_import(user, popn_play(chart, 2), service="first", **meta)
    second = make_import(user, popn_play(chart, hi_speed), service="second", **meta)
    revert_import(first, OPERATOR)
    assert float(second.scores.get().score_meta["hiSpeed"]) == hi_speed
    assert check_user(user.pk) == []
    revert_import(second, OPERATOR)
    restore_import(second, OPERATOR)
    assert float(second.scores.get().score_meta["hiSpeed"]) == hi_speed
    restore_import(first, OPERATOR)
    assert first.scores.get().score_meta == {"hiSpeed": 2}
    assert check_user(user.pk) == []
