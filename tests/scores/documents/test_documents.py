import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scores.documents import (
    leaderboard_documents,
    pb_documents,
    plain,
    score_documents,
    score_listing,
    session_listing,
)
from scores.edits import edit_score
from scores.models import PersonalBest, Score, Session
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db

DAY = 24 * HOUR


def test_whole_numbers_have_no_decimal_point(api):
    chart = make_chart(level_num=18.0)
    optional = {"gauge": 80.0, "fast": 3.0}
    make_import(make_user(), play(chart, 9_000_000.0, optional=optional))
    Score.objects.update(rating_1=17.0)
    score = Score.objects.get()
    answer = api.get(f"/api/v1/scores/{score.score_id}?getRelated")
    assert b".0" not in answer.content
    document = answer.json()["body"]["score"]
    assert repr(document["scoreData"]["score"]) == "9000000"
    assert repr(document["scoreData"]["optional"]["gauge"]) == "80"
    assert repr(document["calculatedData"]["VF6"]) == "17"
    assert repr(answer.json()["body"]["chart"]["levelNum"]) == "18"


def test_a_score_without_a_rating_says_null():
    make_import(make_user(), play(make_chart()))
    Score.objects.update(rating_1=None)
    (document,) = score_documents(Score.objects.all())
    assert document["calculatedData"] == {"VF6": None}


def test_a_score_has_every_key_of_the_wire():
    make_import(make_user(), play(make_chart()))
    document = plain(score_documents(Score.objects.all())[0])
    assert set(document) == {
        "scoreID",
        "userID",
        "game",
        "playtype",
        "songID",
        "chartID",
        "isPrimary",
        "service",
        "importType",
        "timeAchieved",
        "timeAdded",
        "comment",
        "highlight",
        "scoreData",
        "scoreMeta",
        "calculatedData",
    }
    assert document["scoreData"]["optional"] == {"enumIndexes": {}}
    assert document["scoreMeta"] == {}


def test_what_one_player_wrote_does_not_show_on_others_scores():
    chart = make_chart()
    mine = make_import(make_user(), play(chart)).scores.get()
    theirs = make_import(make_user(), play(chart)).scores.get()
    edit_score(mine, comment="mine", highlight=True)
    documents = {each["scoreID"]: each for each in score_documents(Score.objects.all())}
    shown = documents[mine.score_id]
    assert (shown["comment"], shown["highlight"]) == ("mine", True)
    shown = documents[theirs.score_id]
    assert (shown["comment"], shown["highlight"]) == (None, False)


def test_documents_keep_the_order_of_their_queryset():
    chart = make_chart()
    make_import(make_user(), *(play(chart, score) for score in (3, 1, 2)))
    documents = score_documents(Score.objects.order_by("-score_data__score")[:2])
    found = [plain(document)["scoreData"]["score"] for document in documents]
    assert found == [3, 2]


def test_a_song_of_many_scores_is_listed_once():
    chart, other = make_chart(), make_chart()
    make_import(make_user(), play(chart, 1), play(chart, 2), play(other))
    listing = score_listing(Score.objects.all())
    assert len(listing["scores"]) == 3
    song_ids = [song["id"] for song in listing["songs"]]
    assert song_ids == sorted([chart.song.song_id, other.song.song_id])
    assert len(listing["charts"]) == 2


def test_a_highlighted_score_highlights_the_best():
    score = make_import(make_user(), play(make_chart())).scores.get()
    edit_score(score, highlight=True)
    (best,) = pb_documents(PersonalBest.objects.all())
    assert best["highlight"] is True


def test_ranks_on_many_charts_are_those_of_each_leaderboard():
    charts = [make_chart() for _ in range(4)]
    users = [make_user() for _ in range(5)]
    for i, user in enumerate(users):
        plays = [
            play(chart, 9_000_000 + (i * step) % 3, time=NOON + (i * step) % 2)
            for step, chart in enumerate(charts)
        ]
        make_import(user, *plays[: i + 1])
    counted = {
        (best["userID"], best["chartID"]): best["rankingData"]
        for best in pb_documents(PersonalBest.objects.all())
    }
    paged = {
        (best["userID"], best["chartID"]): best["rankingData"]
        for chart in charts
        for best in leaderboard_documents(chart)
    }
    assert counted == paged
    assert len(counted) == 1 + 2 + 3 + 4 + 4


def test_many_documents_take_as_many_statements_as_one():
    def statements():
        with CaptureQueriesContext(connection) as captured:
            score_listing(Score.objects.all())
            pb_documents(PersonalBest.objects.all())
            session_listing(Session.objects.order_by("time_started"))
        return len(captured)

    user = make_user()
    make_import(user, play(make_chart(), time=NOON))
    one = statements()
    charts = [make_chart() for _ in range(20)]
    make_import(
        user, *(play(chart, time=NOON + i * DAY) for i, chart in enumerate(charts))
    )
    make_import(make_user(), *(play(chart, time=NOON) for chart in charts))
    assert statements() == one
