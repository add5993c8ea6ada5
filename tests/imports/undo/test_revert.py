from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import Import, RequestedBy, Revert, State
from imports.orphans import reprocess
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.documents.session_edits import shown_on
from scores.edits import delete_score, edit_score, edit_session
from scores.json_columns import json_text
from scores.locks import Busy
from scores.models import ClassClaim, GameStats, PersonalBest, Score, Session
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_user,
    play,
    send,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db


def sessions_of(user):
    found = Session.objects.filter(user=user).order_by("time_started")
    return [(each.time_started, each.time_ended) for each in found]


def test_a_revert_leaves_no_trace(user, chart):
    make_import(user, play(chart, 9_000_000, NOON), service="kept")
    before = state_of(user)
    import_ = make_import(user, play(chart, 9_500_000, NOON + HOUR), service="gone")
    assert state_of(user) != before

    assert revert_import(import_, OPERATOR).scores == 1

    assert state_of(user) == before


def test_a_revert_is_on_record(user, chart):
    import_ = make_import(user, play(chart), play(4444))
    moderator = make_user()

    revert_import(import_, RequestedBy(moderator, "admin", "a wrong playtype"))

    revert = Revert.objects.get(of_import=import_)
    assert revert.reverted_by == moderator
    assert (revert.origin, revert.reason) == ("admin", "a wrong playtype")
    assert (revert.score_count, revert.orphan_count) == (1, 1)
    assert Import.objects.get(pk=import_.pk).state == State.REVERTED


def test_reverting_twice_is_one_revert(user, chart):
    import_ = make_import(user, play(chart))
    revert_import(import_, OPERATOR)

    assert revert_import(import_, OPERATOR) is None

    assert Revert.objects.count() == 1


def test_a_score_that_a_later_import_sent_too_stays_with_that(user, chart):
    first = make_import(user, play(chart, 9_000_000, NOON, comment="first"))
    second = make_import(user, play(chart, 9_000_000, NOON + HOUR, comment="second"))
    assert Score.objects.get().comment == "first"

    revert_import(first, OPERATOR)

    score = Score.objects.get()
    assert score.source_import == second
    assert (score.comment, score.time_achieved) == ("second", NOON + HOUR)
    assert sessions_of(user) == [(NOON + HOUR, NOON + HOUR)]


def test_the_third_claim_still_says_its_own_when_the_first_two_go(user, chart):
    said = [(NOON, "one"), (NOON + HOUR, "two"), (NOON, "one")]
    imports = [
        make_import(user, play(chart, 9_000_000, time, comment=comment))
        for time, comment in said
    ]

    revert_import(imports[0], OPERATOR)
    revert_import(imports[1], OPERATOR)

    score = Score.objects.get()
    assert (score.source_import, score.comment) == (imports[2], "one")


def test_the_third_claim_still_says_its_own_after_the_first_came_back(user, chart):
    first, second, third = (
        make_import(user, play(chart, 9_000_000, NOON, comment=comment))
        for comment in ("one", "two", "two")
    )
    revert_import(first, OPERATOR)
    restore_import(first, OPERATOR)

    revert_import(first, OPERATOR)
    revert_import(second, OPERATOR)

    score = Score.objects.get()
    assert (score.source_import, score.comment) == (third, "two")


def test_the_claims_of_others_are_as_before_after_a_revert_and_a_restore(user, chart):
    for comment in ("one", "two", "two"):
        make_import(user, play(chart, 9_000_000, NOON, comment=comment))
    before = state_of(user)
    first = Import.objects.order_by("pk").first()

    revert_import(first, OPERATOR)
    restore_import(first, OPERATOR)

    assert state_of(user) == before


def test_restoring_takes_back_what_was_owned(user, chart):
    first = make_import(user, play(chart, 9_000_000, NOON, comment="first"))
    make_import(user, play(chart, 9_000_000, NOON + HOUR), service="second")
    before = state_of(user)
    revert_import(first, OPERATOR)

    assert restore_import(first, OPERATOR) == 1

    assert state_of(user) == before
    assert restore_import(first, OPERATOR) is None


def test_restoring_after_a_reimport_loses_and_doubles_nothing(user, chart):
    plays = [play(chart, 9_000_000 + n, NOON + n) for n in range(5)]
    first = make_import(user, *plays)
    revert_import(first, OPERATOR)

    again = make_import(user, *plays)
    assert again.counts["imported"] == 5
    restore_import(first, OPERATOR)

    assert Score.objects.count() == 5
    assert set(Score.objects.values_list("source_import", flat=True)) == {first.pk}
    assert check_user(user.pk) == []


def test_a_restored_score_keeps_the_time_it_was_added(user, chart):
    import_ = make_import(user, play(chart))
    added = Score.objects.get().time_added
    revert_import(import_, OPERATOR)

    restore_import(import_, OPERATOR)

    assert Score.objects.get().time_added == added


def test_a_restore_is_refused_after_the_retention(user, chart, settings):
    import_ = make_import(user, play(chart))
    revert_import(import_, OPERATOR)
    long_ago = timezone.now() - timedelta(days=settings.RESTORE_DAYS + 1)
    Revert.objects.update(reverted_at=long_ago)

    with pytest.raises(NotRestorable):
        restore_import(import_, OPERATOR)

    purge()
    assert Revert.objects.get().snapshot is None
    assert not Score.objects.exists()


def test_what_was_deleted_does_not_come_back_with_a_restore(user, chart):
    first = make_import(user, play(chart))
    make_import(user, play(chart))
    revert_import(first, OPERATOR)
    delete_score(Score.objects.get())

    restore_import(first, OPERATOR)

    assert not Score.objects.exists()
    assert make_import(user, play(chart)).counts["imported"] == 1


def test_a_blocked_score_is_not_imported_again(user, chart):
    make_import(user, play(chart))
    delete_score(Score.objects.get(), block=True)

    assert make_import(user, play(chart)).counts["blocked"] == 1

    assert not Score.objects.exists()


def test_provided_classes_outlive_a_revert_and_derived_ones_do_not(user, chart):
    import_ = make_import(user, play(chart, 9_900_000), classes={"dan": "DAN_7"})
    assert set(GameStats.objects.get().classes) == {"dan", "vfClass"}

    revert_import(import_, OPERATOR)

    assert GameStats.objects.get().classes == {"dan": "DAN_7"}
    assert ClassClaim.objects.get().source_import.state == State.REVERTED


def test_nothing_is_left_of_a_player_whose_only_import_went(user, chart):
    import_ = make_import(user, play(chart, 9_900_000, NOON))

    revert_import(import_, OPERATOR)

    for table in (Score, Session, PersonalBest, GameStats):
        assert not table.objects.exists()


def test_orphans_leave_and_return_with_their_import(user):
    import_ = make_import(user, play(9_999, 9_000_000, NOON, comment="unknown"))
    before = state_of(user)

    revert_import(import_, OPERATOR)
    assert state_of(user)["orphans"] == []
    restore_import(import_, OPERATOR)

    assert state_of(user) == before


def test_an_orphan_becomes_a_score_of_its_own_import(user, chart):
    number = chart.song.song_id
    type(chart.song).objects.update(song_id=555_555)
    first = make_import(user, play(number, 9_000_000, NOON, comment="early"))
    type(chart.song).objects.update(song_id=number)
    make_import(user, play(chart, 9_000_000, NOON + HOUR, comment="late"))

    done = reprocess(user)

    assert done == {"processed": 1, "success": 1, "failed": 0, "removed": 0}
    assert Score.objects.get().source_import == first
    assert Score.objects.get().comment == "early"
    revert_import(first, OPERATOR)
    assert Score.objects.get().comment == "late"


def test_edits_survive_a_revert_and_a_reimport(user, chart):
    sent = [play(chart, 9_000_000, NOON), play(chart, 9_100_000, NOON + HOUR)]
    import_ = make_import(user, *sent)
    edit_score(Score.objects.first(), comment="mine", highlight=True)
    edit_session(Session.objects.get(), name="A fine evening")
    before = state_of(user)

    revert_import(import_, OPERATOR)
    make_import(user, *sent, service="tests")

    assert state_of(user) == before


def test_a_session_name_stays_when_its_anchor_goes(user, chart):
    anchored = make_import(user, play(chart, 9_000_000, NOON))
    make_import(user, play(chart, 9_100_000, NOON + HOUR))
    edit_session(Session.objects.get(), name="A fine evening")

    revert_import(anchored, OPERATOR)

    (session,) = Session.objects.all()
    assert shown_on([session])[session.pk].name == "A fine evening"


def test_a_revert_waits_for_a_running_import_and_gives_up(user, chart, settings):
    settings.REVERT_WAIT_SECONDS = 0.1
    import_ = make_import(user, play(chart))
    running = send(user, document(play(chart, 9_500_000)))
    Import.objects.filter(pk=running.pk).update(
        state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1)
    )

    with pytest.raises(Busy):
        revert_import(import_, OPERATOR)

    Import.objects.filter(pk=running.pk).update(lease_until=timezone.now())
    assert revert_import(import_, OPERATOR).scores == 1


def test_a_revert_takes_as_many_statements_for_many_scores_as_for_one(user):
    charts = [make_chart() for _ in range(40)]
    one = make_import(user, play(charts[0], 9_000_000, NOON))
    many = make_import(
        user,
        *[play(each, 9_100_000 + n, NOON + n * HOUR) for n, each in enumerate(charts)],
    )

    few, more = (statements_to_revert(each) for each in (one, many))

    assert more <= few + 3


def statements_to_revert(import_):
    with CaptureQueriesContext(connection) as statements:
        revert_import(import_, OPERATOR)
    return len(statements)


def test_a_revert_writes_no_row_of_another_player(user, chart):
    other = make_user()
    make_import(other, play(chart, 9_200_000, NOON))
    import_ = make_import(user, play(chart, 9_500_000, NOON))
    before = list(PersonalBest.objects.filter(user=other).values())

    revert_import(import_, OPERATOR)

    assert list(PersonalBest.objects.filter(user=other).values()) == before


def test_plays_within_reach_are_one_session_in_whatever_order_they_come(chart):
    found = set()
    gaps = [NOON + round(n * 1.9 * HOUR) for n in range(4)]
    for order in permutations(range(4)):
        user = make_user()
        for n in order:
            make_import(user, play(chart, 9_000_000 + n, gaps[n]))
        found.add(tuple(sessions_of(user)))
    assert found == {((gaps[0], gaps[3]),)}


def test_exactly_two_hours_join_both_ways_and_a_millisecond_more_does_not(chart):
    for step in (2 * HOUR, -2 * HOUR):
        user = make_user()
        make_import(user, play(chart, 9_000_000, NOON))
        make_import(user, play(chart, 9_000_001, NOON + step))
        assert len(sessions_of(user)) == 1
        beyond = step + (1 if step > 0 else -1)
        other = make_user()
        make_import(other, play(chart, 9_000_000, NOON))
        make_import(other, play(chart, 9_000_001, NOON + beyond))
        assert len(sessions_of(other)) == 2


def test_sessions_merge_over_a_bridge_and_split_when_it_goes(user, chart):
    make_import(user, play(chart, 9_000_000, NOON))
    make_import(user, play(chart, 9_000_001, NOON + 3 * HOUR))
    before = state_of(user)
    older, newer = Session.objects.order_by("time_started")

    bridge = make_import(user, play(chart, 9_000_002, NOON + 2 * HOUR))
    assert Session.objects.get().session_id == older.session_id
    revert_import(bridge, OPERATOR)

    assert state_of(user) == before
    assert {each.session_id for each in Session.objects.all()} == {
        older.session_id,
        newer.session_id,
    }


def test_a_session_shrinks_when_its_last_play_goes(user, chart):
    make_import(user, play(chart, 9_000_000, NOON))
    last = make_import(user, play(chart, 9_000_001, NOON + HOUR))
    assert sessions_of(user) == [(NOON, NOON + HOUR)]

    revert_import(last, OPERATOR)

    assert sessions_of(user) == [(NOON, NOON)]


def test_equal_bests_are_told_apart_by_time_whatever_came_first(user, chart):
    later = play(chart, 9_500_000, NOON + HOUR, lamp="CLEAR")
    sooner = play(chart, 9_500_000, NOON, lamp="FAILED")
    first = make_import(user, later)
    make_import(user, sooner)
    composed = PersonalBest.objects.get().composed_from

    revert_import(first, OPERATOR)
    make_import(user, later)

    assert PersonalBest.objects.get().composed_from == composed


def test_what_is_restored_or_handed_on_has_the_same_bytes_as_what_was_imported(
    user, client
):
    """50 per cent are stored and sent as 50, and not as 50.0 some time later."""
    data = {"notecount": 1000, "inGameID": 1, "2dxtraSet": None}
    chart = make_chart("iidx", "SP", difficulty="ANOTHER", data=data)
    half = play(chart, 1000, NOON)
    first, second = [
        make_import(user, half, game="iidx", playtype="SP", service="same")
        for _ in range(2)
    ]
    page = f"/api/v1/imports/{first.import_id}"
    before, shown = state_of(user), client.get(page).content
    assert '"percent": 50,' in str(before)

    revert_import(first, OPERATOR)
    handed_on = Score.objects.annotate(text=json_text("score_data")).get()
    assert '"percent":50,' in handed_on.text.replace(" ", "")
    revert_import(second, OPERATOR)
    restore_import(first, OPERATOR)
    restore_import(second, OPERATOR)

    assert state_of(user) == before
    assert client.get(page).content == shown
