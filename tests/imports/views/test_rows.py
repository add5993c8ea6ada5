"""What became of each row: pages, CSV, and what is told of older imports."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.delete_user import delete_user
from imports.models import Import, ImportRows
from imports.orphans import reprocess
from imports.rows.spreadsheet import HEADER
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score
from scores.models import Score
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_song,
    make_token,
    make_user,
    play,
    send,
)

pytestmark = pytest.mark.django_db
SONG = 500_000
WAYS = ("imported", "held", "orphaned", "rejected", "blocked")


@pytest.fixture
def charts(db):
    return [make_chart() for _ in range(3)]


@pytest.fixture
def token(user):
    return make_token(user)


def path(import_, end="rows"):
    return f"/api/v1/imports/{import_.import_id}/{end}"


@pytest.fixture
def ask(api, token):
    def ask(import_, query="", *, token=token):
        answer = api.get(path(import_) + query, token=token)
        assert answer.status_code == 200, answer.content
        return answer.json()["body"]

    return ask


@pytest.fixture
def ask_csv(api, token):
    def ask_csv(import_, query="", *, token=token):
        answer = api.get(path(import_, "rows.csv") + query, token=token)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))

    return ask_csv


@pytest.fixture
def mixed(user, charts):
    """A row of each kind; the rows, and their import."""
    make_import(user, play(charts[0], 9_000_000, NOON), service="earlier")
    make_import(user, play(charts[1], 8_000_000, NOON), service="blocked")
    delete_score(Score.objects.get(chart=charts[1]), block=True)
    plays = [
        play(charts[2], 9_100_000, NOON),
        play(charts[2], 9_100_000, NOON),
        play(SONG),
        play(SONG),
        play(charts[2], 9_200_000, 2 * NOON),
        play(charts[0], 9_000_000, NOON),
        play(charts[1], 8_000_000, NOON),
    ]
    return plays, make_import(user, *plays)


ENDED = ["imported", "held", *["orphaned"] * 2, "rejected", "held", "blocked"]


def test_each_row_says_what_became_of_it(ask, mixed, charts):
    plays, import_ = mixed
    body = ask(import_)
    assert body["next"] is None
    rows = body["rows"]
    assert [row["position"] for row in rows] == list(range(7))
    assert [row["outcome"] for row in rows] == ENDED
    assert [row["input"] for row in rows] == plays
    assert {row["line"] for row in rows} == {None}
    first, again, orphan, same, wrong, known, blocked = rows

    own, earlier = (Score.objects.get(chart=charts[n]) for n in (2, 0))
    assert (first["scoreID"], first["heldBy"]) == (own.score_id, None)
    assert (again["scoreID"], again["heldBy"]) == (own.score_id, import_.import_id)
    assert "position 0" in again["message"]
    assert known["scoreID"] == earlier.score_id
    assert known["heldBy"] == earlier.source_import.import_id
    assert orphan["type"] == "SongOrChartNotFound" and str(SONG) in orphan["message"]
    assert same["type"] == "OrphanExists" and "position 2" in same["message"]
    assert wrong["type"] == "InvalidDatapoint" and "future" in wrong["message"]
    assert "blocked" in blocked["message"]
    for row in (orphan, same, wrong, blocked):
        assert (row["scoreID"], row["heldBy"]) == (None, None)


def test_the_document_counts_them_and_the_answers_say_it(api, mixed, token):
    _, import_ = mixed
    counts = {way: ENDED.count(way) for way in WAYS}
    expected = {**counts, "differing": 0, "filled": 0, "total": 7}
    page = api.get(f"/api/v1/imports/{import_.import_id}").json()["body"]
    assert page["import"]["counts"] == expected
    assert [error["position"] for error in page["import"]["errors"]] == [2, 3, 4]
    told = api.get(path(import_, "poll-status")).json()
    assert told["description"] == (
        "1 imported, 2 already held, 2 orphaned, 1 rejected, 1 blocked."
    )


def test_an_answer_in_the_request_says_it_too(api, user, settings, charts):
    settings.IMPORT_INLINE = True
    token = make_token(user, "submit_score")
    told = [
        api.post("/ir/direct-manual/import", document(play(charts[0])), token=token)
        for _ in range(2)
    ]
    said = [answer.json()["description"] for answer in told]
    assert said == ["1 imported.", "0 imported, 1 already held."]


@pytest.mark.parametrize("way", WAYS)
def test_rows_are_filtered_by_their_outcome(ask, ask_csv, mixed, way):
    _, import_ = mixed
    wanted = [at for at, each in enumerate(ENDED) if each == way]
    assert [row["position"] for row in ask(import_, f"?outcome={way}")["rows"]] == (
        wanted
    )
    assert [int(row["position"]) for row in ask_csv(import_, f"?outcome={way}")] == (
        wanted
    )


def test_pages_follow_each_other_to_the_end(ask, api, mixed):
    _, import_ = mixed
    seen, query = [], "?limit=3"
    while query:
        body = ask(import_, query)
        assert len(body["rows"]) <= 3
        seen += [row["position"] for row in body["rows"]]
        query = body["next"] and f"?limit=3&cursor={body['next']}"
    assert seen == list(range(7))
    assert ask(import_, "?limit=7")["next"] is None
    assert ask(import_, "?limit=2&outcome=orphaned")["next"] is None
    answer = api.get(path(import_) + "?limit=1&outcome=held")
    assert "outcome=held" in answer["Link"] and 'rel="next"' in answer["Link"]


def test_only_the_owner_sees_what_was_sent(ask, ask_csv, api, mixed):
    _, import_ = mixed
    for token in (None, make_token(make_user())):
        rows = ask(import_, token=token)["rows"]
        assert {row["input"] for row in rows} == {None}
        assert [row["outcome"] for row in rows] == ENDED
        assert {row["input"] for row in ask_csv(import_, token=token)} == {""}
    api.login(make_user(auth_level=3))
    assert api.get(path(import_)).json()["body"]["rows"][0]["input"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?outcome=lost", "imported, held, orphaned, rejected"),
        ("?limit=501", "between 1 and 500"),
        ("?limit=0", "between 1 and 500"),
        ("?cursor=x", "This is no cursor"),
    ],
)
def test_a_bad_query_is_refused_with_what_there_is(api, mixed, query, told):
    answer = api.get(path(mixed[1]) + query)
    assert answer.status_code == 400
    assert told in answer.json()["description"]


def test_csv_refuses_an_unknown_outcome_too(api, mixed):
    for end, headers in (("rows.csv", {}), ("rows", {"Accept": "text/csv"})):
        address = f"{path(mixed[1], end)}?outcome=lost"
        assert api.get(address, headers=headers).status_code == 400


def test_what_is_not_completed_has_no_rows(api, user, mixed):
    _, import_ = mixed
    waiting = send(user, document(play(1)))
    revert_import(import_, OPERATOR)
    for each in (import_, waiting):
        for end in ("rows", "rows.csv"):
            assert api.get(path(each, end)).status_code == 404
    restore_import(Import.objects.get(pk=import_.pk), OPERATOR)
    rows = api.get(path(import_)).json()["body"]["rows"]
    assert [row["outcome"] for row in rows] == ENDED


def test_csv_has_the_same_rows(ask, ask_csv, api, mixed):
    _, import_ = mixed
    rows, cells = ask(import_)["rows"], ask_csv(import_)
    assert tuple(cells[0]) == HEADER
    for row, cell in zip(rows, cells, strict=True):
        assert json.loads(cell["input"]) == row["input"]
        for name in ("position", "outcome", "type", "message", "scoreID", "heldBy"):
            assert cell[name] == str("" if row[name] is None else row[name])
    by_name = api.get(path(import_, "rows.csv"))
    accepted = api.get(path(import_), headers={"Accept": "text/csv;q=0.9"})
    assert accepted.content == by_name.content
    assert by_name["Content-Disposition"].startswith("attachment")
    for other in ("*/*", "text/html, application/json, text/csv"):
        answer = api.get(path(import_), headers={"Accept": other})
        assert answer["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1"])
def test_no_cell_is_a_formula(user, ask_csv, title):
    """A message may begin with what was sent, in another format than today's."""
    import_ = make_import(user, play(SONG))
    rows = ImportRows.objects.get(of_import=import_)
    Import.objects.update(
        errors=[{"type": "InternalError", "message": title, "position": 0}]
    )
    rows.delete()
    [row] = ask_csv(import_)
    assert row["message"] == f"'{title}"


def test_rows_tell_their_lines_and_what_was_left_out(api, user, settings):
    settings.IMPORT_INLINE = True
    make_chart(song=make_song(title="竹"), difficulty="EXH", level=17)
    text = (
        "楽曲名,難易度,楽曲レベル,クリアランク,スコアグレード,ハイスコア,EXスコア,プレー回数,"
        "クリア回数,ULTIMATE CHAIN,PERFECT\n"
        "竹,EXHAUST,16,EXCESSIVE COMPLETE,AAA+,9866844,0,4,4,0,0\n\n"
        "松,EXHAUST,17,EXCESSIVE COMPLETE,AAA+,9866844,0,4,4,0,0\n"
    )
    token = make_token(user, "submit_score")
    fields = {
        "importType": "file/eamusement-sdvx-csv",
        "scoreData": io.BytesIO(text.encode()),
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = api.client.post("/api/v1/import/file", fields, headers=headers)
    [error] = answer.json()["body"]["errors"]
    assert (error["position"], error["line"]) == (1, 4)
    found = api.get(path(Import.objects.get())).json()["body"]["rows"]
    assert [(row["outcome"], row["line"]) for row in found] == [
        ("imported", 2),
        ("orphaned", 4),
    ]
    assert "level is 17" in found[0]["message"]


def test_an_orphan_that_comes_home_stays_told_as_one(ask, user):
    import_ = make_import(user, play(SONG), play(SONG))
    make_chart(song=make_song(song_id=SONG))
    reprocess(user)
    score = Score.objects.get()
    rows = ask(import_)["rows"]
    assert [row["outcome"] for row in rows] == ["orphaned"] * 2
    assert {row["scoreID"] for row in rows} == {score.score_id}
    assert {row["heldBy"] for row in rows} == {None}


def test_who_holds_a_score_is_told_as_it_is_now(ask, user, charts):
    first, second = (
        make_import(user, play(charts[0], 9_000_000, NOON), service=name)
        for name in ("first", "second")
    )
    score_id = Score.objects.get().score_id
    [row] = ask(second)["rows"]
    assert (row["scoreID"], row["heldBy"]) == (score_id, first.import_id)
    revert_import(first, OPERATOR)
    [row] = ask(second)["rows"]
    assert (row["outcome"], row["scoreID"]) == ("held", score_id)
    assert row["heldBy"] == second.import_id
    restore_import(Import.objects.get(pk=first.pk), OPERATOR)
    assert ask(second)["rows"][0]["heldBy"] == first.import_id
    delete_score(Score.objects.get(), block=False)
    [row] = ask(first)["rows"]
    assert (row["outcome"], row["scoreID"], row["heldBy"]) == ("imported", None, None)


def test_an_imported_row_tells_who_has_taken_its_score(ask, user, charts):
    first = make_import(user, play(charts[0], 9_000_000, NOON), service="first")
    revert_import(first, OPERATOR)
    second = make_import(user, play(charts[0], 9_000_000, NOON), service="second")
    restore_import(Import.objects.get(pk=first.pk), OPERATOR)
    [row] = ask(second)["rows"]
    assert (row["outcome"], row["heldBy"]) == ("imported", first.import_id)


def test_of_imports_from_before_it_tells_what_is_known(ask, ask_csv, mixed, charts):
    _, import_ = mixed
    ImportRows.objects.all().delete()
    rows = ask(import_)["rows"]
    known = [(row["position"], row["outcome"]) for row in rows]
    assert known == [
        (0, "imported"),
        (2, "orphaned"),
        (3, "orphaned"),
        (4, "rejected"),
        (5, "held"),
    ]
    assert {row["input"] for row in rows} == {None}
    assert all(row["scoreID"] for row in rows if row["outcome"] in WAYS[:2])
    assert len(ask_csv(import_)) == 5
    page = ask(import_, "?limit=2&outcome=orphaned")
    assert (len(page["rows"]), page["next"]) == (2, None)
    # Older ones did not keep the place of an error either.
    Import.objects.filter(pk=import_.pk).update(
        errors=[{"type": "InvalidDatapoint", "message": "wrong"}], later_claims={}
    )
    assert [row["position"] for row in ask(import_)["rows"]] == [0]


def test_statements_do_not_grow_with_the_rows(ask, user, charts):
    def statements(count):
        plays = [play(charts[0], 9_000_000 + n, NOON + n * HOUR) for n in range(count)]
        make_import(user, *plays)
        again = make_import(user, *plays, play(charts[1], 8_000_000 + count))
        with CaptureQueriesContext(connection) as queries:
            ask(again)
        return len(queries)

    assert statements(1) == statements(40)


def test_rows_go_with_what_cannot_be_restored(user, mixed, settings):
    _, import_ = mixed
    revert_import(import_, OPERATOR)
    purge()
    assert ImportRows.objects.filter(of_import=import_).exists()
    settings.RESTORE_DAYS = -1
    purge()
    assert not ImportRows.objects.filter(of_import=import_).exists()
    assert ImportRows.objects.count() == 2  # of those that were not reverted


def test_rows_go_with_their_account(user, mixed):
    delete_user(user)
    assert not ImportRows.objects.exists()
