"""What a preview of running imports again says, and what comes of it then."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.models import Import
from imports.undo.preview import preview_restores, together
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from imports.undo.run_again import run_again
from imports.undo.run_again_preview import preview_run_again
from scores.edits import delete_score
from scores.models import PersonalBest, Score, Session
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
from tests.state import all_rows, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def both_ways():
    """Charts of two songs of IIDX, each SP and DP."""
    songs = [make_song("iidx") for _ in range(2)]
    return [
        [
            make_chart(
                "iidx",
                playtype,
                song=song,
                difficulty="ANOTHER",
                data={"notecount": 1000, "inGameID": number, "2dxtraSet": None},
            )
            for playtype in ("SP", "DP")
        ]
        for number, song in enumerate(songs)
    ]


def sent_as(user, playtype, *plays, **said):
    return make_import(user, *plays, game="iidx", playtype=playtype, **said)


def counts(part):
    return {name: part[name] for name in part if name != "list"}


def test_it_tells_what_goes_and_what_comes(user, both_ways):
    (single, _), (other, _) = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON), play(other, 901, NOON))
    sent_as(user, "SP", play(single, 900, NOON))

    found = preview_run_again(user.pk, [import_], "DP")

    assert counts(found["scores"]) == {
        "removed": 1,
        "added": 2,
        "kept": 1,
        "changed": 0,
    }
    assert counts(found["personalBests"]) == {"removed": 1, "changed": 0, "created": 2}
    listed = {(each["what"], each["playtype"]) for each in found["scores"]["list"]}
    assert listed == {("removed", "SP"), ("added", "DP"), ("kept", "SP")}
    assert {each["importID"] for each in found["scores"]["list"]} == {import_.import_id}


def test_where_nothing_was_mended_nothing_but_the_owner_changes(user, both_ways):
    (single, _), _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON), play(77, 900, NOON))

    found = preview_run_again(user.pk, [import_])

    assert counts(found["scores"]) == {
        "removed": 0,
        "added": 0,
        "kept": 1,
        "changed": 0,
    }
    assert found["scores"]["list"][0]["keptBy"] is None
    assert found["orphans"] == 0
    assert sum(counts(found["personalBests"]).values()) == 0


def test_it_changes_nothing(user, both_ways, django_capture_on_commit_callbacks):
    (single, _), _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON), classes={"dan": "DAN_7"})
    before = all_rows()

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        preview_run_again(user.pk, [import_], "DP")

    rows = all_rows()
    assert {name for name in rows if rows[name] != before[name]} <= {"sqlite_sequence"}
    assert callbacks == []


def test_those_that_cannot_be_run_again_are_left_out(user, both_ways):
    (single, _), _ = both_ways
    gone, kept, reverted = (
        sent_as(user, "SP", play(single, 900 + n, NOON)) for n in range(3)
    )
    gone.input.delete()
    revert_import(reverted, OPERATOR)

    found = preview_run_again(user.pk, [gone, kept, reverted], "DP")

    assert found["imports"] == 1
    assert found["scores"]["removed"] == found["scores"]["added"] == 1


def test_its_fingerprint_is_that_of_what_would_come_of_it(user, both_ways):
    (single, double), _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON))
    first = preview_run_again(user.pk, [import_], "DP")

    assert preview_run_again(user.pk, [import_], "DP") == first
    others = {
        first["fingerprint"],
        preview_run_again(user.pk, [import_])["fingerprint"],
    }
    sent_as(user, "DP", play(double, 900, NOON))
    others.add(preview_run_again(user.pk, [import_], "DP")["fingerprint"])
    assert len(others) == 3


def test_previews_of_several_players_are_summed_up(both_ways):
    (single, _), _ = both_ways
    users = [make_user(), make_user()]
    imports = [sent_as(user, "SP", play(single, 900, NOON)) for user in users]
    restored = make_user()
    plain = sent_as(restored, "SP", play(single, 900, NOON))
    revert_import(plain, OPERATOR)

    each = [preview_run_again(i.user_id, [i], "DP") for i in imports]
    assert counts(together(each)["scores"]) == {
        "removed": 2,
        "added": 2,
        "kept": 0,
        "changed": 0,
    }
    for import_ in imports:
        run_again(import_, OPERATOR, playtype="DP")
    each = [preview_restores(i.user_id, [i]) for i in (plain, *imports)]
    assert counts(together(each)["scores"]) == {
        "added": 3,
        "removed": 2,
        "kept": 0,
        "changed": 0,
    }


def test_the_preview_of_a_restore_tells_what_goes_again(user, both_ways):
    (single, _), _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON))
    again = run_again(import_, OPERATOR, playtype="DP").import_

    found = preview_restores(user.pk, [import_])

    assert found["imports"] == 1
    assert counts(found["scores"]) == {
        "added": 1,
        "removed": 1,
        "kept": 0,
        "changed": 0,
    }
    assert counts(found["personalBests"]) == {"removed": 1, "changed": 0, "created": 1}
    assert Import.objects.completed().get() == again
    revert_import(again, OPERATOR)
    assert preview_restores(user.pk, [import_])["imports"] == 0


songs = st.integers(0, 1)
plays = st.tuples(
    songs,
    st.sampled_from([900, 950]),
    st.sampled_from([None, NOON, NOON + HOUR, NOON + 5 * HOUR]),
    st.sampled_from([None, "a word", "another"]),
)
sendings = st.tuples(
    st.sampled_from(["SP", "SP", "DP"]), st.lists(plays, min_size=1, max_size=4)
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sent=st.lists(sendings, min_size=1, max_size=4),
    chosen=st.sets(st.integers(0, 3), min_size=1),
    deleted=st.integers(0, 10),
    playtype=st.sampled_from([None, "SP", "DP"]),
)
def test_what_it_says_comes_true_and_a_restore_undoes_it(
    both_ways, sent, chosen, deleted, playtype
):
    user = make_user()
    imports = [
        sent_as(user, to, *[told(both_ways, to, *each) for each in of])
        for to, of in sent
    ]
    for score in Score.objects.filter(user=user)[deleted : deleted + 1]:
        delete_score(score)
    selected = [imports[at] for at in sorted({at % len(imports) for at in chosen})]
    before, there = state_of(user), derived(user)

    found = preview_run_again(user.pk, selected, playtype)
    assert state_of(user) == before
    done = [run_again(each, OPERATOR, playtype=playtype) for each in selected]

    then = derived(user)
    for part, name in (("scores", "added"), ("personalBests", "created")):
        was, now = there[part], then[part]
        assert found[part]["removed"] == len(was.keys() - now.keys())
        assert found[part][name] == len(now.keys() - was.keys())
    assert found["scores"]["changed"] == len(others(there, then, "scores"))
    assert found["sessions"]["removed"] == len(there["sessions"] - then["sessions"])
    assert found["sessions"]["created"] == len(then["sessions"] - there["sessions"])

    shown = preview_restores(user.pk, selected)
    for each in reversed(selected):
        restore_import(each, OPERATOR)
    assert state_of(user) == before
    back = derived(user)
    assert shown["imports"] == len(done)
    come, gone = there["scores"].keys(), then["scores"].keys()
    assert shown["scores"]["added"] == len(come - gone)
    assert shown["scores"]["removed"] == len(gone - come)
    assert shown["scores"]["changed"] == len(others(then, back, "scores"))


def told(both_ways, playtype, song, score, time, comment):
    chart = both_ways[song][playtype == "DP"]
    return play(chart, score, time, comment=comment)


def derived(user):
    said = "time_achieved", "comment", "score_data", "score_meta"
    scores = Score.objects.filter(user=user).values_list("score_id", *said)
    bests = PersonalBest.objects.filter(user=user).values_list("chart", "score_data")
    sessions = Session.objects.filter(user=user).values_list("session_id", flat=True)
    return {
        "scores": {row[0]: row[1:] for row in scores},
        "personalBests": dict(bests),
        "sessions": set(sessions),
    }


def others(one, other, part):
    both = one[part].keys() & other[part].keys()
    return [key for key in both if one[part][key] != other[part][key]]
