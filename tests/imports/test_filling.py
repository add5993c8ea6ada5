"""A later import fills what earlier ones left out, and overwrites nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import claims
from imports.composition import Held
from imports.models import Import
from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.edits import delete_score
from scores.models import PersonalBest, Score, Session, Song
from tests.commands import call, failure
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
COUNTS = {"critical": 900, "near": 3, "miss": 1}
#: What is kept apart of a bare play that `detailed` filled.
BARE = {
    "time_achieved": None,
    "comment": None,
    "judgements": {},
    "optional": {"enumIndexes": {}},
}


@pytest.fixture
def user():
    return make_user("somebody")


@pytest.fixture
def told(monkeypatch):
    """What `claims.make` told of rows that were held, of the last import."""
    held, make = {}, claims.make

    def listening(*args, **kwargs):
        claimed = make(*args, **kwargs)
        held.clear()
        held.update(claimed.held)
        return claimed

    monkeypatch.setattr(claims, "make", listening)
    return held


def detailed(chart, time=NOON, **more):
    said = {"comment": "well played", "judgements": COUNTS, "optional": {"fast": 2}}
    return play(chart, time=time, **said | more)


def test_a_detailed_import_fills_a_list_of_bests(user, chart, told):
    first = make_import(user, play(chart), service="bests")
    later = make_import(user, detailed(chart), service="plays")

    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON, "well played")
    assert score.score_data["judgements"] == COUNTS
    assert score.score_data["optional"] == {"fast": 2, "enumIndexes": {}}
    assert (score.source_import, score.service) == (first, "bests (BATCH-MANUAL)")
    assert told == {
        0: Held(
            (),
            (
                "timeAchieved",
                "comment",
                "scoreData.optional.fast",
                "scoreData.judgements",
            ),
        )
    }
    assert (later.counts["imported"], later.counts["held"]) == (0, 1)
    assert score.session.scores.count() == 1
    assert PersonalBest.objects.get().score_data["judgements"] == COUNTS
    assert PersonalBest.objects.get().time_achieved == NOON


def test_its_revert_takes_exactly_that_back_and_its_restore_fills_it_again(user, chart):
    make_import(user, play(chart), service="bests")
    before = state_of(user)
    later = make_import(user, detailed(chart), service="plays")
    filled = state_of(user)
    assert filled != before

    revert_import(later, OPERATOR)
    assert state_of(user) == before
    assert not Session.objects.exists()

    restore_import(later, OPERATOR)
    assert state_of(user) == filled
    assert check_user(user.pk) == []


def test_nothing_is_overwritten(user, chart, told):
    make_import(user, detailed(chart))
    before = state_of(user)["scores"]
    make_import(user, detailed(chart, comment="badly", judgements={"critical": 1}))
    assert told == {0: Held(("comment", "scoreData.judgements"))}
    assert state_of(user)["scores"] == before


def test_who_names_another_time_fills_nothing(user, chart, told):
    make_import(user, play(chart, time=NOON))
    before = state_of(user)["scores"]
    make_import(user, detailed(chart, NOON + HOUR))
    assert told == {0: Held(("timeAchieved",), known_time=NOON)}
    assert state_of(user)["scores"] == before


def test_what_an_import_in_between_filled_is_compared_with(user, chart, told):
    make_import(user, play(chart))
    make_import(user, play(chart, time=NOON, comment="one"))
    make_import(user, detailed(chart, NOON + HOUR, comment="another play"))
    assert told == {0: Held(("timeAchieved", "comment"), known_time=NOON)}
    make_import(user, detailed(chart, None, comment="two"))
    assert told == {
        0: Held(("comment",), ("scoreData.optional.fast", "scoreData.judgements"))
    }


def test_the_next_claim_fills_what_a_reverted_one_had_filled(user, chart):
    make_import(user, play(chart))
    second = make_import(user, play(chart, time=NOON, comment="second"))
    make_import(user, play(chart, time=NOON + HOUR, comment="third"))

    revert_import(second, OPERATOR)
    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON + HOUR, "third")

    restore_import(second, OPERATOR)
    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON, "second")


def test_an_owner_that_was_filled_comes_back_with_its_own_word(user, chart):
    first = make_import(user, play(chart))
    second = make_import(user, detailed(chart))
    revert_import(first, OPERATOR)
    revert_import(second, OPERATOR)

    restore_import(first, OPERATOR)

    score = Score.objects.get()
    assert (score.time_achieved, score.comment, score.own) == (None, None, None)
    assert score.score_data["judgements"] == {}
    assert score.score_data["optional"] == {"enumIndexes": {}}


def test_a_new_owner_is_filled_by_those_who_say_what_the_old_one_said(user, chart):
    first = make_import(user, detailed(chart))
    make_import(user, play(chart), service="new owner")
    make_import(user, detailed(chart), service="as the first")
    make_import(user, detailed(chart), service="as the first, too")

    revert_import(first, OPERATOR)

    score = Score.objects.get()
    assert score.source_import.service == "new owner"
    assert (score.time_achieved, score.comment) == (NOON, "well played")
    giver = Import.objects.get(service="as the first")
    assert score.timed_by == giver.sequence
    assert check_user(user.pk) == []


def test_who_takes_its_scores_back_is_filled_as_before(user, chart):
    first = make_import(user, play(chart), service="first")
    make_import(user, play(chart, comment="second"), service="second")
    make_import(user, play(chart, time=NOON, comment="third"), service="third")
    before = state_of(user)
    revert_import(first, OPERATOR)

    restore_import(first, OPERATOR)

    assert state_of(user) == before
    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON, "second")


def test_a_new_owner_is_filled_by_those_who_say_something_else(user, chart):
    first = make_import(user, detailed(chart))
    make_import(user, play(chart), service="new owner")
    make_import(user, play(chart, time=NOON + HOUR, comment="third"))

    revert_import(first, OPERATOR)

    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON + HOUR, "third")
    restore_import(first, OPERATOR)
    assert Score.objects.get().comment == "well played"
    assert check_user(user.pk) == []


def test_an_orphan_that_comes_home_fills_before_later_imports(user, chart):
    number = chart.song.song_id
    make_import(user, play(chart))
    Song.objects.update(song_id=555_555)
    make_import(user, play(number, time=NOON, comment="orphan"))
    Song.objects.update(song_id=number)
    make_import(user, play(chart, time=NOON + HOUR, comment="late"))
    assert Score.objects.get().comment == "late"

    reprocess(user)

    score = Score.objects.get()
    assert (score.time_achieved, score.comment) == (NOON, "orphan")
    assert check_user(user.pk) == []


def test_a_late_time_renames_no_older_session(user):
    old, new = make_chart(), make_chart()
    make_import(user, play(old), service="bests")
    make_import(user, play(new, time=NOON), service="plays")
    before = Session.objects.get()

    late = make_import(user, play(old, time=NOON + HOUR), service="late times")

    session = Session.objects.get()
    assert session.session_id == before.session_id
    assert session.time_inserted == before.time_inserted
    assert session.scores.count() == 2
    revert_import(Import.objects.get(service="plays"), OPERATOR)
    session = Session.objects.get()
    assert session.session_id != before.session_id
    at = late.finished_at.timestamp() * 1000
    assert abs(session.time_inserted - at) < 2
    assert check_user(user.pk) == []


def test_a_rating_follows_what_was_filled(user):
    chart = make_chart("ddr", "SP", level=15, difficulty="EXPERT")
    said = {"game": "ddr", "playtype": "SP"}
    make_import(user, play(chart, 900_000, lamp="CLEAR"), **said)
    before = Score.objects.get().ratings
    with_flare = play(chart, 900_000, lamp="CLEAR", optional={"flare": "EX"})
    make_import(user, with_flare, **said)
    assert Score.objects.get().ratings > before
    assert check_user(user.pk) == []


def test_score_meta_is_filled_key_by_key(user, told):
    chart = make_chart("iidx", "SP", data={"notecount": 1000}, difficulty="ANOTHER")
    said = {"game": "iidx", "playtype": "SP"}
    for meta in ({"random": "MIRROR"}, {"random": "RANDOM", "assist": "AUTO SCRATCH"}):
        make_import(user, play(chart, 1500, scoreMeta=meta), **said)
    score = Score.objects.get()
    assert score.score_meta == {"random": "MIRROR", "assist": "AUTO SCRATCH"}
    assert score.own == {"score_meta": {"random": "MIRROR"}}
    assert told == {0: Held(("scoreMeta.random",), ("scoreMeta.assist",))}


def test_a_row_that_repeats_another_of_its_document_fills_nothing(user, chart, told):
    other = make_chart()
    make_import(user, play(other))
    make_import(
        user,
        play(chart, comment="one"),
        detailed(chart, comment="two"),
        play(other, time=NOON),
        play(other, time=NOON + HOUR),
    )
    assert told == {
        1: Held(("comment",)),
        2: Held((), ("timeAchieved",)),
        3: Held(("timeAchieved",), known_time=NOON),
    }
    assert Score.objects.get(chart=chart).time_achieved is None


def test_a_deletion_takes_what_was_filled_too(user, chart):
    make_import(user, play(chart))
    later = make_import(user, detailed(chart))
    delete_score(Score.objects.get())
    revert_import(later, OPERATOR)
    restore_import(later, OPERATOR)
    assert not Score.objects.exists()
    make_import(user, play(chart))
    assert Score.objects.get().time_achieved is None
    assert check_user(user.pk) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"comment": "nobody said this"},
        {"comment": None},
        {"own": {"comment": None, "score_meta": {"more": 1}}},
        {"own": {**BARE, "score_meta": {}}},
        {"timed_by": 1},
        {"time_achieved": None, "session": None},
    ],
)
def test_a_score_that_is_not_composed_of_its_claims_is_noticed(user, chart, wrong):
    make_import(user, play(chart))
    make_import(user, detailed(chart))
    before = state_of(user)
    Score.objects.update(**wrong)

    out, _ = failure("check_integrity")
    assert "does not say what its claims say together." in out
    call("check_integrity", "--repair")
    assert check_user(user.pk) == []
    if "own" not in wrong:
        assert state_of(user) == before


def statements(act, *args, **kwargs):
    """How many it takes, and what it returns."""
    with CaptureQueriesContext(connection) as queries:
        result = act(*args, **kwargs)
    return len(queries), result


def test_the_number_of_statements_does_not_grow_with_what_is_filled(user):
    charts = [make_chart() for _ in range(60)]
    counted = []
    for some in (charts[:10], charts[10:]):
        make_import(user, *map(play, some))
        sent = [detailed(chart, NOON + n) for n, chart in enumerate(some)]
        filling, later = statements(make_import, user, *sent)
        reverting, _ = statements(revert_import, later, OPERATOR)
        restoring, _ = statements(restore_import, later, OPERATOR)
        counted.append((filling, reverting, restoring))
    few, many = counted
    assert all(b <= a + 3 for a, b in zip(few, many, strict=True)), counted
