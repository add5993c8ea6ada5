"""What a preview says is what the import then does, and nothing of it stays."""

import json
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.documents import import_document
from imports.formats.base import ImportRefused
from imports.models import Import, State
from imports.pipeline import Sent, accept, run_inline
from imports.preview import preview
from imports.quotas import TooLarge
from imports.undo.revert import revert_import
from scores.documents import pb_documents, plain, session_documents
from scores.edits import delete_score, edit_score, edit_session
from scores.locks import Busy, only_change_of, waiting_at_most
from scores.models import (
    GameStats,
    PersonalBest,
    PlayerToRerate,
    Score,
    Session,
)
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    play,
)
from tests.imports.test_faults import fail, faults
from tests.locking import held_elsewhere, needs_locks, takes_at_most
from tests.state import all_rows

pytestmark = pytest.mark.django_db
TYPE = "file/batch-manual"
FUTURE = 4_000_000_000_000


def sent_of(user, *plays, **said):
    return Sent(user, TYPE, json.dumps(document(*plays, **said)).encode())


def really_imported(sent):
    import_ = run_inline(accept(sent, inline=True))
    assert import_.state == State.COMPLETED, import_.error_detail
    return import_document(import_)


def derived(user):
    """All that follows from a player's scores, as clients read it."""
    bests = pb_documents(PersonalBest.objects.filter(user=user))
    return {
        "bests": {
            each["chartID"]: {**plain(each), "rankingData": None} for each in bests
        },
        "sessions": {
            each["sessionID"]: each
            for each in session_documents(Session.objects.filter(user=user))
        },
        "ratings": {
            (*stats.gpt.split(":"), name): value
            for stats in GameStats.objects.filter(user=user)
            for name, value in stats.ratings.items()
        },
    }


def both_ends(before, after, kind):
    """(how many are new, how many others differ)."""
    old, new = before[kind], after[kind]
    differing = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    return len(new.keys() - old.keys()), len(differing)


def rating_changes(before, after):
    old, new = before["ratings"], after["ratings"]
    return {
        key: (old.get(key), new.get(key))
        for key in old.keys() | new.keys()
        if old.get(key) != new.get(key)
    }


def assert_told(sent):
    """Preview it, and import it: told was what came, and nothing stayed of the first.

    Returns the preview.
    """
    rows = all_rows()
    told = preview(sent)
    assert all_rows() == rows
    before = derived(sent.user)
    came = really_imported(sent)
    after = derived(sent.user)
    assert (told["counts"], told["errors"]) == (came["counts"], came["errors"])
    changes = told["changes"]
    bests, sessions = changes["personalBests"], changes["sessions"]
    assert tuple(bests.values()) == both_ends(before, after, "bests")
    assert tuple(sessions.values()) == both_ends(before, after, "sessions")
    assert changes["classes"] == came["classDeltas"]
    assert {
        (each["game"], each["playtype"], each["rating"]): (each["old"], each["new"])
        for each in changes["profiles"]
    } == rating_changes(before, after)
    return told


@pytest.fixture
def charts(db):
    return [make_chart(level=15 + n) for n in range(4)]


@pytest.fixture
def history(user, charts):
    make_import(
        user,
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 9_500_000, NOON + HOUR),
        play(9999, 9_100_000, NOON),
        classes={"dan": "DAN_3"},
    )


@pytest.fixture
def sent(user, charts, history):
    return sent_of(
        user,
        play(charts[0], 9_900_000, NOON + 2 * HOUR),
        play(charts[1], 9_500_000, None, comment="known"),
        play(charts[2], 9_800_000, NOON + 20 * HOUR),
        play(charts[2], time=FUTURE),
        play(9999, 9_100_000, NOON),
        play(8888, 9_100_000, NOON),
        classes={"dan": "DAN_5"},
    )


def test_a_preview_tells_outcomes_and_changes(sent):
    told = assert_told(sent)
    counts = {name: number for name, number in told["counts"].items() if number}
    assert counts == {
        "imported": 2,
        "held": 1,
        "filled": 1,
        "orphaned": 2,
        "rejected": 1,
        "total": 6,
    }
    assert [each["type"] for each in told["errors"]] == [
        "InvalidDatapoint",
        "OrphanExists",
        "SongOrChartNotFound",
    ]
    changes = told["changes"]
    assert changes["personalBests"] == {"new": 1, "improved": 1}
    assert changes["sessions"] == {"new": 1, "changed": 1}
    assert changes["classes"][-1] == {
        "game": "sdvx",
        "playtype": "Single",
        "set": "dan",
        "old": "DAN_3",
        "new": "DAN_5",
    }
    (rating,) = changes["profiles"]
    assert rating.keys() == {"game", "playtype", "rating", "old", "new"}
    assert rating["rating"] == "VF6"
    assert rating["old"] < rating["new"]


def test_what_is_known_already_changes_nothing(user, charts, history):
    told = assert_told(sent_of(user, play(charts[0], 9_000_000, NOON)))
    assert told["changes"] == {
        "personalBests": {"new": 0, "improved": 0},
        "sessions": {"new": 0, "changed": 0},
        "profiles": [],
        "classes": [],
    }


def test_a_play_between_two_sessions_changes_the_older(user, charts):
    make_import(user, play(charts[0], 9_000_000, NOON))
    make_import(user, play(charts[1], 9_000_000, NOON + 3 * HOUR))
    told = assert_told(sent_of(user, play(charts[2], time=NOON + 3 * HOUR // 2)))
    assert told["changes"]["sessions"] == {"new": 0, "changed": 1}


def test_a_name_that_moves_to_a_nearer_session_changes_both(user, charts):
    """It was written on a session whose scores are gone."""
    lost = make_import(user, play(charts[3], time=NOON + 2 * HOUR))
    edit_session(Session.objects.get(), name="An evening")
    revert_import(lost, OPERATOR)
    make_import(user, play(charts[0], time=NOON))
    told = assert_told(sent_of(user, play(charts[1], time=NOON + 3 * HOUR)))
    assert told["changes"]["sessions"] == {"new": 1, "changed": 1}


def test_a_player_who_waits_to_be_rated_again_still_waits(user, charts, sent):
    PlayerToRerate.objects.create(user=user, gpt="sdvx:Single", since=None)
    Score.objects.filter(chart=charts[0]).update(rating_1=1)
    rows = all_rows()
    told = preview(sent)
    assert all_rows() == rows
    assert told["counts"] == really_imported(sent)["counts"]


def test_a_preview_is_of_an_account_as_it_is_now(user, charts, sent):
    accept(sent_of(user, play(charts[2], 9_800_000)), inline=True)  # it has not run
    assert preview(sent)["counts"]["imported"] == 2


def test_a_preview_wakes_nobody_and_ends_every_lock(user, sent):
    preview(sent)
    assert not OrmQ.objects.exists()
    with only_change_of(user.pk, 0.1):
        pass


def test_a_document_that_is_refused_raises_as_it_would_fail(user):
    sent = Sent(user, TYPE, b"{}")
    with pytest.raises(ImportRefused) as refused:
        preview(sent)
    import_ = run_inline(accept(sent, inline=True))
    assert (refused.value.status, refused.value.text) == (
        import_.error_status,
        import_.error_text,
    )


@pytest.fixture
def few_rows(settings):
    settings.PREVIEW_ROWS = 5


def test_beyond_the_bound_only_outcomes_are_told(few_rows, sent):
    rows = all_rows()
    with CaptureQueriesContext(connection) as queries:
        told = preview(sent, within_bounds=True)
    assert all_rows() == rows
    written = [  # scores that are filled are taken out to be written anew, and stay
        each["sql"]
        for each in queries
        if each["sql"].startswith(("INSERT", "UPDATE", "COPY"))
    ]
    assert written == []
    assert told["changes"] is None
    came = really_imported(sent)
    assert (told["counts"], told["errors"]) == (came["counts"], came["errors"])


def test_the_bound_is_of_requests_and_counts_rows(few_rows, settings, sent):
    assert preview(sent)["changes"] is not None
    settings.PREVIEW_ROWS = 6
    assert preview(sent, within_bounds=True)["changes"] is not None


def test_what_would_never_be_accepted_is_not_previewed_for_a_request(settings, sent):
    settings.MAX_BYTES_A_DAY = 10
    with pytest.raises(TooLarge):
        preview(sent, within_bounds=True)
    preview(sent)


@pytest.mark.parametrize("count", [3, 200])
def test_the_statements_do_not_grow_with_the_scores(user, count):
    """All new, and then half of them better: on charts of their own."""
    charts = [make_chart() for _ in range(count)]
    times = [NOON + n * 3 * HOUR for n in range(count)]
    pairs = list(zip(charts, times, strict=True))
    make_import(user, *(play(chart, 9_000_000, time) for chart, time in pairs[::2]))
    sent = sent_of(user, *(play(chart, 9_500_000, time) for chart, time in pairs))
    with CaptureQueriesContext(connection) as queries:
        told = preview(sent)
    assert told["changes"]["personalBests"]["improved"] == len(pairs[::2])
    assert len(queries) <= 45, "\n".join(each["sql"][:90] for each in queries)


@needs_locks
@pytest.mark.django_db(transaction=True)
def test_a_preview_waits_for_the_players_lock_no_longer_than_a_request(user, sent):
    with (
        held_elsewhere(only_change_of, user.pk),
        takes_at_most(2),
        waiting_at_most(0.1),
        pytest.raises(Busy),
    ):
        preview(sent)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_wherever_it_fails_or_dies_nothing_remains(sent, monkeypatch):
    rows = all_rows()
    with faults(monkeypatch) as statements:
        told = preview(sent)
    assert statements.seen > 20
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            with faults(monkeypatch, failing, dying):
                fail(partial(preview, sent))
            assert all_rows() == rows, f"statement {failing}, dying: {dying}"
    assert preview(sent) == told


times = st.one_of(
    st.sampled_from([None, FUTURE]),
    st.integers(0, 16).map(lambda n: NOON + n * HOUR // 2),
)
plays = st.builds(
    dict,
    chart=st.integers(0, 4),
    score=st.sampled_from([9_000_000, 9_400_000, 9_900_000]),
    lamp=st.sampled_from(["FAILED", "CLEAR"]),
    time=times,
    comment=st.sampled_from([None, "well played"]),
    ex_score=st.sampled_from([None, 1000]),
)
documents = st.tuples(
    st.lists(plays, max_size=6), st.sampled_from([None, None, "DAN_1", "DAN_5"])
)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["revert", "delete", "block", "highlight", "name"]),
        st.integers(0, 100),
    ),
    max_size=4,
)


def do(user, deed, number):
    """Something that a player may do with what he has imported."""
    if deed == "revert":
        rows = Import.objects.completed().filter(user=user)
    else:
        rows = (Session if deed == "name" else Score).objects.filter(user=user)
    rows = list(rows.order_by("pk"))
    if not rows:
        return
    row = rows[number % len(rows)]
    if deed == "revert":
        revert_import(row, OPERATOR)
    elif deed == "name":
        edit_session(row, name=f"evening {number}")
    elif deed == "highlight":
        edit_score(row, highlight=True)
    else:
        delete_score(row, block=deed == "block")


class Undo(Exception):
    """Ends the world of an example."""


@pytest.mark.slow
def test_random_previews_tell_what_comes(user, charts):
    def play_of(chart, score, lamp, time, comment, ex_score):
        on = charts[chart] if chart < 4 else 77_777
        optional = {} if ex_score is None else {"exScore": ex_score}
        return play(on, score, time, lamp, comment=comment, optional=optional)

    def sent_as(plays, dan):
        classes = dan and {"dan": dan}
        return sent_of(user, *(play_of(**each) for each in plays), classes=classes)

    @settings(
        max_examples=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(documents, deeds), max_size=3), documents)
    def told_as_it_comes(past, now):
        with suppress(Undo), transaction.atomic():
            for (plays, dan), done in past:
                really_imported(sent_as(plays, dan))
                for deed, number in done:
                    do(user, deed, number)
            assert_told(sent_as(*now))
            raise Undo

    told_as_it_comes()


def test_times_of_a_preview_are_of_now(user, sent):
    """An hour ago is no future, whenever the process began."""
    now = int(timezone.now().timestamp() * 1000)
    told = preview(sent_of(user, play(make_chart(), time=now - HOUR)))
    assert told["counts"]["imported"] == 1
