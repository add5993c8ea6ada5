"""An import is run again from what was sent, and that can be undone."""

import json
import zlib
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.class_review.decide import withdraw
from imports.discards import discard
from imports.formats import FORMATS
from imports.formats.base import Draft
from imports.models import (
    ChartQueuePlayer,
    Import,
    ImportInput,
    Orphan,
    OrphanDiscard,
    RequestedBy,
    Revert,
    State,
)
from imports.orphans import reprocess
from imports.pipeline import Sent, run_inline, submit
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.retention import NotRestorable
from imports.undo.revert import revert_import
from imports.undo.run_again import NotRunAgain, run_again
from imports.undo.waiting import wait_for_imports
from scores.derived.integrity import check_user
from scores.edits import delete_score, edit_score
from scores.models import ClassClaim, PersonalBest, Score, ScoreDeletion, Session, Song
from tachi.accounts.models import ApiToken
from tachi.api.times import milliseconds
from tests.commands import call
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_row,
    make_song,
    make_user,
    play,
    send,
)
from tests.seeds import load_changed
from tests.state import state_of

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


@pytest.fixture
def both_ways():
    """Charts of one song of IIDX, SP and DP."""
    song = make_song("iidx")
    data = {"notecount": 1000, "inGameID": 1, "2dxtraSet": None}
    return [
        make_chart("iidx", playtype, song=song, difficulty="ANOTHER", data=data)
        for playtype in ("SP", "DP")
    ]


def sent_as(user, playtype, *plays, **said):
    return make_import(user, *plays, game="iidx", playtype=playtype, **said)


def exported(user):
    """All that is exported of a user, but for records of the past."""
    found = json.loads(call("export_user", user.username))
    past = {"notifications", "moderationLog"}
    return {name: of for name, of in found.items() if name not in past}


def gpts(user):
    return sorted(Score.objects.filter(user=user).values_list("gpt", flat=True))


def test_months_of_a_wrong_playtype_are_put_right(user, both_ways):
    single, double = both_ways
    imports = [
        sent_as(user, "SP", play(single, 900 + n, NOON + n * DAY), service="tool")
        for n in range(5)
    ]

    for import_ in imports:
        run_again(import_, OPERATOR, playtype="DP")

    twin = make_user()
    for n in range(5):
        sent_as(twin, "DP", play(double, 900 + n, NOON + n * DAY), service="tool")
    assert gpts(user) == ["iidx:DP"] * 5
    assert told(user) == told(twin)
    assert check_user(user.pk) == []


def told(user):
    """What follows from a player's scores, whoever he is."""
    columns = "chart__chart_id", "time_achieved", "service", "rating_1", "score_data"
    scores = Score.objects.filter(user=user).values_list(*columns)
    bests = PersonalBest.objects.filter(user=user)
    sessions = Session.objects.filter(user=user)
    return (
        sorted(map(repr, scores)),
        list(bests.values_list("chart", "rating_1", "time_achieved")),
        sorted(sessions.values_list("gpt", "time_started", "time_ended")),
    )


def test_a_file_that_was_chosen_wrongly_is_read_as_the_other_playtype(user):
    format_ = FORMATS["file/eamusement-iidx-csv"]
    sent = Sent(
        user,
        format_.import_type,
        format_.about.sample.encode(),
        filename="my SP scores.csv",
        parameters={"playtype": "SP"},
    )
    import_ = submit(sent, here=True)
    assert import_.state == State.COMPLETED, import_.error_text
    orphans = Orphan.objects.filter(source_import=import_).count()

    again = run_again(import_, OPERATOR, playtype="DP")

    assert again.import_.context["playtype"] == "DP"
    assert Orphan.objects.filter(source_import=again.import_).count() == orphans
    assert again.import_.input.filename == "my SP scores.csv"


def test_what_was_no_score_is_one_when_its_chart_is_mended(user, chart):
    Song.objects.filter(pk=chart.song_id).update(song_id=555_555)
    number = chart.song.song_id
    import_ = make_import(user, play(number, 9_000_000, NOON), service="tool")
    assert Orphan.objects.count() == 1
    Song.objects.filter(pk=chart.song_id).update(song_id=number)

    again = run_again(import_, OPERATOR)

    assert (again.scores, again.kept) == (0, 0)
    assert not Orphan.objects.exists()
    assert Score.objects.get().source_import == again.import_
    assert again.import_.counts["imported"] == 1


def test_what_a_mended_parser_reads_otherwise_is_told(user, chart, monkeypatch):
    import_ = make_import(
        user, play(chart, 9_000_000, NOON), play(chart, 9_100_000, NOON + HOUR)
    )
    monkeypatch.setattr("imports.formats.batch_manual._draft", without_time)

    again = run_again(import_, OPERATOR)

    assert (again.scores, again.kept) == (2, 2)
    assert not Session.objects.exists()


def without_time(provided, position, entry, chart, **said):
    score = {name: entry[name] for name in provided}
    score |= {"judgements": {}, "optional": {}}
    told = {"comment": None, "time_achieved": None, "score_meta": {}, **said}
    return Draft(position, chart, score_data=score, **told)


def test_it_is_an_import_of_its_own_of_what_was_sent(user, chart):
    token, _ = ApiToken.objects.issue(user, ["submit_score"])
    sent = send(
        user,
        document(play(chart, 9_000_000, NOON)),
        token=token,
        user_agent="A client/1",
        user_intent=True,
        key="mine",
    )
    import_ = run_inline(sent)
    later = make_import(user, play(chart, 9_100_000, NOON))

    again = run_again(import_, OPERATOR).import_

    again.refresh_from_db()
    import_.refresh_from_db()
    assert (import_.state, again.state) == (State.REVERTED, State.COMPLETED)
    assert again.import_id != import_.import_id
    assert again.rerun_of == import_
    assert again.sequence == later.sequence + 1
    for name in ("received_at", "token", "user_agent", "user_intent", "service"):
        assert getattr(again, name) == getattr(import_, name), name
    assert (again.import_type, again.game) == (import_.import_type, import_.game)
    assert zlib.decompress(again.input.payload) == zlib.decompress(
        import_.input.payload
    )
    assert again.rows.packed
    assert again.finished_at > import_.finished_at


def test_what_was_inferred_from_the_time_of_receipt_stays(user, chart):
    yesterday = timezone.now() - timedelta(days=1)
    body = document(play(chart))
    sent = send(user, body, "ir/direct-manual", parameters={"infer": True})
    Import.objects.filter(pk=sent.pk).update(received_at=yesterday)
    import_ = run_inline(sent)
    time = Score.objects.get().time_achieved
    assert time == milliseconds(yesterday)

    run_again(import_, OPERATOR)

    assert Score.objects.get().time_achieved == time


def test_sent_again_under_its_key_it_is_what_it_was_run_again_as(user, chart):
    payload = json.dumps(document(play(chart))).encode()
    sent = Sent(user, "file/batch-manual", payload, key="mine")
    import_ = submit(sent, here=True)

    again = run_again(import_, OPERATOR).import_

    assert submit(sent, here=True) == again
    restore_import(import_, OPERATOR)
    assert submit(sent, here=True) == import_


def test_the_revert_is_on_record(user, chart):
    import_ = make_import(user, play(chart))
    moderator = make_user()

    run_again(import_, RequestedBy(moderator, "admin", "a chart was mended"))

    revert = Revert.objects.get()
    assert (revert.of_import, revert.reverted_by) == (import_, moderator)
    assert revert.reason == "a chart was mended"


def test_run_again_twice_is_once(user, chart):
    import_ = make_import(user, play(chart))
    run_again(import_, OPERATOR)

    assert run_again(import_, OPERATOR) is None

    assert Import.objects.count() == 2


def test_what_was_run_again_is_run_again_as_the_other_playtype(user, both_ways):
    single, _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900, NOON))
    first = run_again(import_, OPERATOR, playtype="DP").import_

    second = run_again(first, OPERATOR, playtype="SP").import_

    assert gpts(user) == ["iidx:SP"]
    assert second.rerun_of == first


def test_how_many_scores_are_there_afterwards_is_told(user, both_ways):
    single, _ = both_ways
    again = play(single, 901, NOON)
    import_ = sent_as(user, "SP", play(single, 900, NOON), again)
    sent_as(user, "SP", again)

    done = run_again(import_, OPERATOR, playtype="DP")

    assert (done.scores, done.kept) == (2, 1)


def refused(import_, **how):
    """Why; nothing at all changes."""
    user = import_.user
    before, reverts = state_of(user), Revert.objects.count()
    with pytest.raises(NotRunAgain) as refusal:
        run_again(import_, OPERATOR, **how)
    assert state_of(user) == before
    assert Revert.objects.count() == reverts
    assert Import.objects.get(pk=import_.pk).state == State.COMPLETED
    return refusal.value.text


def test_what_is_not_kept_any_more_is_refused(user, chart, settings):
    import_ = make_import(user, play(chart))
    long_ago = timezone.now() - timedelta(days=settings.INPUT_DAYS + 1)
    Import.objects.filter(pk=import_.pk).update(received_at=long_ago)
    purge()

    assert "not kept" in refused(import_)


def test_what_is_refused_by_now_is_refused_with_the_reason(user, chart):
    import_ = make_import(user, play(chart))
    ImportInput.objects.update(payload=zlib.compress(b'{"meta": {"game": "chess"}}'))

    assert "Invalid game 'chess'" in refused(import_)


def test_a_type_that_is_gone_is_refused(user, chart, monkeypatch):
    import_ = make_import(user, play(chart))
    left = {name: each for name, each in FORMATS.items() if "manual" not in name}
    monkeypatch.setattr("imports.undo.run_again.FORMATS", left)

    assert "no format file/batch-manual" in refused(import_)


def test_a_bug_of_ours_changes_nothing(user, chart, monkeypatch):
    import_ = make_import(user, play(chart))
    before = state_of(user)
    monkeypatch.setattr("imports.write.insert_and_recalculate", None)

    with pytest.raises(TypeError):
        run_again(import_, OPERATOR)

    assert state_of(user) == before
    assert Import.objects.get().state == State.COMPLETED


@pytest.mark.parametrize("playtype", ["Single", "sp", "9B", ""])
def test_a_playtype_that_the_game_does_not_have_is_refused(user, both_ways, playtype):
    import_ = sent_as(user, "SP", play(both_ways[0], 900, NOON))

    why = refused(import_, playtype=playtype)

    assert "it has SP, DP" in why


def test_plays_that_say_their_own_playtype_are_refused(user):
    format_ = FORMATS["file/mer-iidx"]
    sent = Sent(user, format_.import_type, format_.about.sample.encode())
    import_ = submit(sent, here=True)
    assert import_.state == State.COMPLETED, import_.error_text

    assert "file/mer-iidx each play" in refused(import_, playtype="DP")
    assert run_again(import_, OPERATOR).import_.counts == import_.counts


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED, State.CANCELLED])
def test_only_what_is_completed_is_run_again(user, state):
    assert run_again(make_row(user, state=state), OPERATOR) is None


def test_it_changes_nothing_when_nothing_was_mended(user, chart):
    """But for who owns what is sent by others, too: its place is the last now."""
    make_import(
        user,
        play(chart, 9_000_000, NOON, comment="well"),
        play(chart, 9_500_000, NOON + HOUR),
        play(77, 9_000_000),
        service="tool",
    )
    edit_score(Score.objects.order_by("pk").first(), comment="mine", highlight=True)
    before = state_of(user)

    run_again(Import.objects.get(), OPERATOR)

    assert state_of(user) == before


def test_what_others_sent_too_is_theirs_then(user, chart):
    first = make_import(user, play(chart, 9_000_000, NOON, comment="first"))
    second = make_import(user, play(chart, 9_000_000, NOON, comment="second"))

    again = run_again(first, OPERATOR).import_

    assert Score.objects.get().source_import == second
    assert again.counts["held"] == 1
    assert check_user(user.pk) == []


def test_what_was_deleted_stays_so(user, chart):
    """Unlike what a player sends anew: he does not."""
    import_ = make_import(user, play(chart), play(chart, 9_100_000))
    delete_score(Score.objects.first())

    again = run_again(import_, OPERATOR).import_

    assert again.counts["blocked"] == 1
    assert Score.objects.count() == 1
    once_more = run_again(again, OPERATOR).import_
    assert once_more.counts["blocked"] == 1
    assert make_import(user, play(chart), play(chart, 9_100_000)).counts["held"] == 1
    assert Score.objects.count() == 2


def test_what_was_blocked_stays_so(user, chart):
    import_ = make_import(user, play(chart))
    delete_score(Score.objects.get(), block=True)

    assert run_again(import_, OPERATOR).import_.counts["blocked"] == 1


def test_orphans_that_were_discarded_stay_so(user):
    import_ = make_import(user, play(77), play(78))
    discard(Orphan.objects.first())

    again = run_again(import_, OPERATOR).import_

    assert Orphan.objects.get().source_import == again
    assert again.counts["orphaned"] == 2


@pytest.mark.parametrize("playtype", [None, "DP"])
def test_a_row_that_was_discarded_is_none_when_its_chart_is_known(
    user, both_ways, playtype
):
    song = both_ways[0].song
    Song.objects.filter(pk=song.pk).update(song_id=555_555)
    number = play(both_ways[0], 900, NOON)
    import_ = sent_as(user, "SP", number)
    discard(Orphan.objects.get())
    Song.objects.filter(pk=song.pk).update(song_id=song.song_id)

    again = run_again(import_, OPERATOR, playtype=playtype).import_

    assert not Score.objects.exists()
    assert not Orphan.objects.exists()
    assert again.counts["orphaned"] == 1
    assert sent_as(user, "SP", number).counts["imported"] == 1


def test_an_orphan_of_it_comes_home_to_it(user, chart):
    number = chart.song.song_id
    Song.objects.filter(pk=chart.song_id).update(song_id=555_555)
    import_ = make_import(user, play(number, 9_000_000, NOON))
    again = run_again(import_, OPERATOR).import_
    Song.objects.filter(pk=chart.song_id).update(song_id=number)

    reprocess(user)

    assert Score.objects.get().source_import == again
    restore_import(import_, OPERATOR)
    assert not Score.objects.exists()
    reprocess(user)
    assert Score.objects.get().source_import == import_


def test_classes_are_told_for_the_other_playtype_and_the_old_ones_stay(user, both_ways):
    single, _ = both_ways
    import_ = sent_as(user, "SP", play(single, 900), classes={"dan": "DAN_7"})

    again = run_again(import_, OPERATOR, playtype="DP").import_

    claims = ClassClaim.objects.values_list("gpt", "source_import")
    assert set(claims) == {("iidx:SP", import_.pk), ("iidx:DP", again.pk)}


def make_past(user, single):
    """What is sent, twice too, told by others, deleted, edited, unknown; classes."""
    shared = play(single, 900, NOON)
    sent_as(user, "SP", shared, play(single, 800, NOON - HOUR), service="first")
    import_ = sent_as(
        user,
        "SP",
        {**shared, "comment": "and a word"},
        play(single, 950, NOON + HOUR),
        play(single, 960, None),
        play(single, 970, NOON + 9 * HOUR),
        play(77, 900, NOON),
        service="wrong",
        classes={"dan": "DAN_7"},
    )
    sent_as(
        user,
        "SP",
        play(single, 950, NOON + HOUR, comment="said later"),
        play(single, 960, NOON + 2 * HOUR),
        service="later",
        classes={"dan": "DAN_6"},
    )
    edit_score(Score.objects.get(user=user, score_data__score=950), highlight=True)
    delete_score(Score.objects.get(user=user, score_data__score=970))
    return import_


@pytest.mark.parametrize("playtype", [None, "DP"])
def test_a_restore_gives_back_exactly_what_was(user, both_ways, playtype):
    import_ = make_past(user, both_ways[0])
    before, document_before = state_of(user), exported(user)
    run_again(import_, OPERATOR, playtype=playtype)
    assert state_of(user) != before
    assert check_user(user.pk) == []

    restore_import(import_, OPERATOR)

    assert state_of(user) == before
    assert exported(user) == document_before
    assert check_user(user.pk) == []
    assert not Import.objects.exclude(rerun_of=None).exists()


@pytest.mark.parametrize("playtype", [None, "DP"])
def test_what_happened_since_stays_after_a_restore(user, both_ways, playtype):
    """As in a world in which it was never run again."""
    found = []
    for run in (True, False):
        player = make_user()
        single, double = both_ways
        import_ = make_past(player, single)
        if run:
            run_again(import_, OPERATOR, playtype=playtype)
        sent_as(player, "DP", play(double, 990, NOON), service="since")
        sent_as(player, "SP", play(single, 951, NOON + HOUR), service="since, too")
        delete_score(Score.objects.get(user=player, score_data__score=951))
        claim = ClassClaim.objects.get(source_import__service="later", user=player)
        withdraw(claim, OPERATOR)
        if run:
            restore_import(import_, OPERATOR)
        assert check_user(player.pk) == []
        state = state_of(player)
        found.append({part: len(state[part]) for part in state})
        found[-1]["told"] = told(player)
    assert found[0] == found[1]


def test_a_deletion_meanwhile_does_not_reach_what_is_sent_after_the_restore(
    user, chart
):
    """The rerun's number is given to the next import, which came after the deletion."""
    import_ = make_import(user, play(chart), play(77))
    run_again(import_, OPERATOR)
    delete_score(Score.objects.get())
    discard(Orphan.objects.get())
    restore_import(import_, OPERATOR)
    assert not Score.objects.exists()
    assert not Orphan.objects.exists()

    make_import(user, play(chart), play(77))

    assert Score.objects.count() == Orphan.objects.count() == 1
    ups = [
        *ScoreDeletion.objects.values_list("up_to_sequence", flat=True),
        *OrphanDiscard.objects.values_list("up_to_sequence", flat=True),
    ]
    assert ups == [import_.sequence] * 2


def test_while_the_rerun_is_reverted_the_old_one_cannot_be_restored(user, both_ways):
    """Who reverted that wants none of it; and it might be run again as another."""
    import_ = sent_as(user, "SP", play(both_ways[0], 900, NOON))
    again = run_again(import_, OPERATOR, playtype="DP").import_
    revert_import(again, OPERATOR)

    with pytest.raises(NotRestorable, match=again.import_id):
        restore_import(import_, OPERATOR)

    assert not Score.objects.exists()
    restore_import(again, OPERATOR)
    assert gpts(user) == ["iidx:DP"]
    restore_import(import_, OPERATOR)
    assert gpts(user) == ["iidx:SP"]


def test_the_last_run_is_undone_first(user, both_ways):
    import_ = sent_as(user, "SP", play(both_ways[0], 900, NOON))
    states = [state_of(user)]
    first = run_again(import_, OPERATOR, playtype="DP").import_
    states.append(state_of(user))
    run_again(first, OPERATOR, playtype="SP")

    with pytest.raises(NotRestorable, match=first.import_id):
        restore_import(import_, OPERATOR)

    restore_import(first, OPERATOR)
    assert state_of(user) == states.pop()
    restore_import(import_, OPERATOR)
    assert state_of(user) == states.pop()


def test_restored_it_can_be_run_again_once_more(user, both_ways):
    import_ = sent_as(user, "SP", play(both_ways[0], 900, NOON))
    for _ in range(2):
        run_again(import_, OPERATOR, playtype="DP")
        assert gpts(user) == ["iidx:DP"]
        restore_import(import_, OPERATOR)
        assert gpts(user) == ["iidx:SP"]


def test_it_takes_as_many_statements_for_many_scores_as_for_one(user):
    charts = [make_chart() for _ in range(40)]
    one = make_import(user, play(charts[0], 9_000_000, NOON))
    many = make_import(
        user,
        *[play(each, 9_100_000 + n, NOON + n * HOUR) for n, each in enumerate(charts)],
    )

    few, more = (
        statements(lambda each=each: run_again(each, OPERATOR)) for each in (one, many)
    )
    assert more <= few + 8
    few, more = (
        statements(lambda each=each: restore_import(each, OPERATOR))
        for each in (one, many)
    )
    assert more <= few + 8


def statements(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_charts_that_change_meanwhile_are_those_it_is_read_with(
    user, chart, monkeypatch
):
    import_ = make_import(user, play(chart, 9_900_000, NOON))
    waits = iter([partial(load_changed, chart, levelNum=20)])

    def wait_while_seeds_are_loaded(user_id):
        next(waits, lambda: None)()
        return wait_for_imports(user_id)

    monkeypatch.setattr(
        "imports.undo.run_again.wait_for_imports", wait_while_seeds_are_loaded
    )

    run_again(import_, OPERATOR)

    assert check_user(user.pk) == []
    other = make_user()
    make_import(other, play(chart, 9_900_000, NOON))
    ratings = Score.objects.values_list("rating_1", flat=True)
    assert len(set(ratings)) == 1


def test_who_played_an_unknown_chart_otherwise_waits_for_the_other_one(
    user, django_capture_on_commit_callbacks, settings
):
    body = json.loads(FORMATS["ir/beatoraja"].about.sample)
    body["chart"]["mode"], body["client"] = "POPN_9K", "beatoraja 0.8"
    body["score"]["deviceType"] = "BM_CONTROLLER"
    body["chart"]["lntype"] = 0
    import_ = submit(Sent(user, "ir/beatoraja", json.dumps(body).encode()), here=True)
    assert import_.counts["orphaned"] == 1, import_.errors

    with django_capture_on_commit_callbacks(execute=True):
        again = run_again(import_, OPERATOR, playtype="Keyboard").import_

    waits = ChartQueuePlayer.objects.values_list("playtype", flat=True)
    assert set(waits) == {"Controller", "Keyboard"}
    settings.BEATORAJA_QUEUE_SIZE, settings.IMPORT_INLINE = 1, True
    with django_capture_on_commit_callbacks(execute=True):
        once_more = run_again(again, OPERATOR).import_
    assert Score.objects.get().source_import == once_more
    assert Score.objects.get().gpt == "pms:Keyboard"
