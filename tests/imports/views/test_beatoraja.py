"""beatoraja's plug-in: who is heard, what it is told, charts that players make."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from imports import chart_queue
from imports.models import ChartQueuePlayer, Import, Orphan, State
from imports.tasks import run_import
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.derived.integrity import check_user
from scores.models import Chart, ClassClaim, Course, GameStats, Score, Song
from tachi.accounts.models import AuthLevel
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end
from tests.factories import OPERATOR, make_import, make_token, make_user
from tests.imports.boku_hooks import (
    BEATORAJA,
    SHA256,
    SUBMIT_COURSE,
    SUBMIT_SCORE,
    TachiIR,
    beatoraja_course,
    beatoraja_play,
    make_bms_chart,
    pms_play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db
MD5S = "".join(each * 32 for each in "1234")
LIST = f"/ir/beatoraja/charts/{SHA256}/scores"


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def post(api, token):
    def post(body, path=SUBMIT_SCORE, token=token, headers=BEATORAJA):
        return api.post(path, body, token=token, headers=headers)

    return post


@pytest.fixture
def players():
    """Three players' tokens."""
    return [make_token(make_user(), "submit_score") for _ in range(3)]


def said(answer):
    told = answer.json()
    return answer.status_code, told["description"]


@pytest.mark.parametrize("path", [SUBMIT_SCORE, SUBMIT_COURSE, LIST])
def test_it_is_refused_in_the_order_of_the_contract(api, user, token, settings, path):
    def ask(token, headers=BEATORAJA):
        method = "GET" if path == LIST else "POST"
        body = None if path == LIST else {}
        return said(api.send(method, path, body, token, headers))

    assert ask(None)[0] == 401
    assert ask("x" * 40)[0] == 401
    refused = ask(make_token(user, "delete_score"))
    assert refused[0] == (404 if path == LIST else 403)
    for version in (None, "1.2.0", "V3", ""):
        headers = {} if version is None else {"X-TachiIR-Version": version}
        status, text = ask(token, headers)
        assert (status, "Invalid X-TachiIR-Version" in text) == (400, True)
    assert ask(token, {"X-TachiIR-Version": "v2.0.0"})[0] in {400, 404}
    settings.SERVER_TYPE = "kamai"
    assert ask(None)[0] == 401
    assert ask(token, {}) == (404, "This server does not offer this.")
    settings.SERVER_TYPE = "boku"
    user.auth_level = AuthLevel.BANNED
    user.save()
    assert ask(token)[0] == 403
    assert not Import.objects.completed().exists()


def test_a_play_is_answered_with_what_became_of_it(api, post):
    chart = make_bms_chart()
    body = post(beatoraja_play()).json()["body"]
    score = Score.objects.get()
    assert body["score"]["scoreID"] == score.score_id
    assert (body["score"]["importType"], body["score"]["game"]) == (
        "ir/beatoraja",
        "bms",
    )
    assert body["score"]["scoreData"]["score"] == 1300
    assert body["chart"]["chartID"] == chart.chart_id
    assert body["song"]["id"] == chart.song.song_id
    assert body["import"]["scoreIDs"] == [score.score_id]
    assert body["import"]["userIntent"] is False
    parts = {name: body[name] for name in ("score", "song", "chart")}
    page = api.get(f"/api/v1/scores/{score.score_id}?getRelated").json()["body"]
    assert {name: page[name] for name in parts} == parts
    assert said(post(beatoraja_play()))[0] == 400


@pytest.mark.parametrize(
    ("sent", "kind"),
    {
        0: "EASY",
        1: "EASY",
        2: "NORMAL",
        3: "HARD",
        4: "EX-HARD",
        5: "HARD",
        6: None,
        8: None,
        -1: None,
        88.5: None,
        50: None,
    }.items(),
)
def test_a_gauge_is_a_kind_and_no_percentage(post, sent, kind):
    make_bms_chart()
    assert post(beatoraja_play({"gauge": sent})).status_code == 200
    score = Score.objects.get()
    assert score.score_meta.get("gauge") == kind
    assert score.score_data["optional"].get("gauge") is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (beatoraja_play({"exscore": -1}), "Invalid Beatoraja Import - Score"),
        (beatoraja_play(chart={"title": None}), "Invalid Beatoraja Import - Chart"),
        (beatoraja_play(client="beatoraja 0.8"), "Unsupported client"),
        (beatoraja_play(client=None), "Unsupported client"),
        (beatoraja_play(chart={"mode": "POPN_9K"}), "Unsupported client"),
        (beatoraja_play(chart={"lntype": 1}), "[InvalidDatapoint] - "),
        (beatoraja_play(chart={"lntype": -1}), "[InvalidDatapoint] - "),
        (beatoraja_play(chart={"hasRandom": True}), "[InvalidDatapoint] - "),
        (pms_play("MIDI"), "[InvalidDatapoint] - "),
        (beatoraja_play(chart={"md5": "x"}), "[SongOrChartNotFound] - "),
        (beatoraja_play(chart={"md5": "z" * 32}), "[SongOrChartNotFound] - "),
        (beatoraja_play(chart={"notes": 0}), "[SongOrChartNotFound] - "),
        (beatoraja_play(chart={"notes": 10**15}), "[SongOrChartNotFound] - "),
        (beatoraja_play({"sha256": "0" * 64}), "[SongOrChartNotFound] - "),
        ([], "Invalid Beatoraja Import"),
        ({}, "Invalid Beatoraja Import"),
    ],
)
def test_what_is_refused_is_400_and_says_why(post, body, text):
    status, told = said(post(body))
    assert (status, text in told) == (400, True), told
    assert not ChartQueuePlayer.objects.exists()


def test_a_bug_of_ours_is_400_like_all_that_fails(post, monkeypatch, the_long_way):
    make_bms_chart()
    monkeypatch.setattr("imports.pipeline.write", None)
    assert said(post(beatoraja_play())) == (400, "An internal error has occurred.")


@pytest.mark.django_db(transaction=True)
def test_what_the_database_delays_is_kept(post, monkeypatch, the_long_way):
    make_bms_chart()

    def away(*args):
        raise OperationalError("a fault that was planted")

    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", away)
        answer = post(beatoraja_play())
    assert (answer.status_code, answer.json()["body"]) == (202, {})
    Import.objects.update(wake_again_at=None)
    run_import(Import.objects.get().pk)
    assert Score.objects.count() == 1


# Charts that players make


def test_three_players_make_a_chart_and_no_play_is_lost(post, players, settings):
    statuses = []
    for token in players:
        answer = post(beatoraja_play(), token=token)
        statuses.append(said(answer))
    assert [status for status, _ in statuses] == [202, 202, 200]
    assert "Chart and score have been orphaned" in statuses[0][1]
    assert statuses[1][1].endswith("so far 2.")
    body = answer.json()["body"]
    assert (body["import"]["errors"], len(body["import"]["scoreIDs"])) == ([], 1)
    assert body["song"]["title"] == "Wire"
    assert (body["song"]["data"]["genre"], body["song"]["data"]["subtitle"]) == (
        "TEST",
        None,
    )
    assert body["chart"]["level"] == "?"
    assert not ChartQueuePlayer.objects.exists()
    assert (Score.objects.count(), Orphan.objects.count()) == (1, 2)
    for job in Job.objects.all():
        run_to_end(job)
    assert (Score.objects.count(), Orphan.objects.count()) == (3, 0)
    assert {score.chart.chart_id for score in Score.objects.all()} == {
        body["chart"]["chartID"]
    }


def test_a_hash_is_the_same_in_any_case_for_a_chart_and_for_its_queue(post, players):
    upper, lower = {"sha256": SHA256.upper()}, {"sha256": SHA256}
    sent = [(upper, lower), (lower, upper), (upper, upper)]
    answers = [
        said(post(beatoraja_play(*hashes), token=token))
        for token, hashes in zip(players, sent, strict=True)
    ]
    assert [status for status, _ in answers] == [202, 202, 200]
    assert answers[1][1].endswith("so far 2.")
    made = Chart.objects.get()
    assert made.data["hashSHA256"] == SHA256
    assert made.song.names.get(kind="title").value == "wire"


def test_where_nothing_works_in_the_background_they_come_home_at_once(
    post, players, settings
):
    settings.IMPORT_INLINE = True
    for token in players:
        post(beatoraja_play(), token=token)
    assert (Score.objects.count(), Orphan.objects.count()) == (3, 0)


def test_a_player_counts_once_and_as_many_are_needed_as_the_site_says(
    post, players, settings
):
    settings.BEATORAJA_QUEUE_SIZE = 2
    for exscore in (1300, 1299, 1298):
        play = beatoraja_play({"exscore": exscore, "egr": exscore - 1150})
        assert post(play, token=players[0]).status_code == 202
    assert ChartQueuePlayer.objects.count() == 1
    assert post(beatoraja_play(), token=players[1]).status_code == 200


def test_pms_charts_are_made_for_each_way_to_play(post, players):
    for token in players:
        answer = post(pms_play(), token=token)
        post(pms_play("KEYBOARD"), token=token)
    assert answer.status_code == 200
    charts = Chart.objects.order_by("pk")
    assert [each.gpt for each in charts] == ["pms:Controller", "pms:Keyboard"]
    assert len({each.song for each in charts}) == 1
    assert charts[0].chart_id != charts[1].chart_id


@pytest.mark.django_db(transaction=True)
def test_the_last_player_may_be_cut_off_anywhere(post, players, monkeypatch):
    """He joins before his play is written, and it is read again."""
    for token in players[:2]:
        post(beatoraja_play(), token=token)

    def cut_off(*args):
        raise OperationalError("a fault that was planted")

    for place in ("imports.chart_queue.add_chart", "imports.pipeline.write"):
        with monkeypatch.context() as patch:
            patch.setattr(place, cut_off)
            assert post(beatoraja_play(), token=players[2]).status_code == 202
        made = Chart.objects.exists()
        assert made is not ChartQueuePlayer.objects.exists()
        assert Job.objects.count() == (2 if made else 0)
    for import_ in Import.objects.queued():
        run_import(import_.pk)
    for job in Job.objects.all():
        run_to_end(job)
    assert (Score.objects.count(), Orphan.objects.count()) == (3, 0)


def test_a_chart_that_somebody_else_has_made_meanwhile_is_taken(
    post, players, monkeypatch
):
    for token in players[:2]:
        post(beatoraja_play(), token=token)
    add = chart_queue.add_chart

    def add_twice(told):
        add(told)
        return add(told)

    monkeypatch.setattr(chart_queue, "add_chart", add_twice)
    assert post(beatoraja_play(), token=players[2]).status_code == 200
    assert Chart.objects.count() == 1


def test_songs_that_are_made_stay_out_of_the_way_of_seeds(post, players):
    make_bms_chart(sha256="0" * 64)
    for token in players:
        post(beatoraja_play(), token=token)
    for token in players:
        post(beatoraja_play({"sha256": "1" * 64}, {"sha256": "1" * 64}), token=token)
    made = Song.objects.filter(song_id__gte=1_000_000_000)
    assert sorted(made.values_list("song_id", flat=True)) == [
        1_000_000_000,
        1_000_000_001,
    ]


def test_a_revert_leaves_the_chart_and_a_restore_gives_all_back(post, players):
    for token in players:
        post(beatoraja_play(), token=token)
    for job in Job.objects.all():
        run_to_end(job)
    imports = list(Import.objects.order_by("pk"))
    before = [state_of(each.user) for each in imports]
    for import_ in imports:
        assert revert_import(import_, OPERATOR).scores == 1
        assert check_user(import_.user_id) == []
    assert (Score.objects.count(), Chart.objects.count()) == (0, 1)
    for import_ in imports:
        import_.refresh_from_db()
        restore_import(import_, OPERATOR)
        assert check_user(import_.user_id) == []
    assert [state_of(each.user) for each in imports] == before


# Courses


@pytest.fixture
def course():
    return Course.objects.create(
        md5s=MD5S, title="a dan", gpt="bms:7K", class_set="genocideDan", value="OVERJOY"
    )


def test_a_course_raises_a_class_and_is_an_import_of_its_own(post, user, course):
    body = beatoraja_course(MD5S)
    assert said(post(body, SUBMIT_COURSE)) == (200, "Successfully updated class.")
    answer = post(body, SUBMIT_COURSE)
    assert answer.json()["body"] == {"set": "genocideDan", "value": "OVERJOY"}
    assert said(answer) == (200, "Class not updated.")
    import_ = Import.objects.get()
    assert (import_.import_type, import_.state) == ("ir/beatoraja", State.COMPLETED)
    (delta,) = import_.class_deltas
    assert (delta["old"], delta["new"]) == (None, "OVERJOY")
    assert ClassClaim.objects.get().source_import == import_
    assert GameStats.objects.get().classes == {"genocideDan": "OVERJOY"}
    assert check_user(user.pk) == []


@pytest.mark.parametrize(
    "clear", ["Failed", "NoPlay", "Easy", "LightAssistEasy", "AssistEasy"]
)
def test_a_course_that_was_not_cleared_changes_nothing(post, course, clear):
    told = post(
        beatoraja_course(MD5S, {"clear": clear, "lntype": 2}), SUBMIT_COURSE
    ).json()
    assert told == {
        "success": True,
        "description": "Class not updated, as you didn't clear this course.",
    }


LN = "LN mode is the only supported mode for dans: "
CHARTS = "[course.charts] Expected an array of 4 objects with MD5 properties."


def with_course(**fields):
    body = beatoraja_course(MD5S)
    return {**body, "course": {**body["course"], **fields}}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (beatoraja_course(MD5S, {"lntype": 1}), LN),
        (beatoraja_course(MD5S, constraint=["CN"]), LN),
        (beatoraja_course(MD5S, constraint=["HCN"]), LN),
        (
            beatoraja_course(MD5S, constraint=["GAUGE_5KEYS"]),
            "Dan GAUGE mode must be GAUGE_LR2: ",
        ),
        (beatoraja_course(MD5S, {"option": 2}), "Dans have to be played without"),
        (with_course(charts=[]), CHARTS),
        (with_course(charts=["a", "b", "c", "d"]), CHARTS),
        (with_course(charts=[{"md5": "1" * 32}] * 5), CHARTS),
        (
            with_course(constraint="foo"),
            "[course.constraint] Value was not an array. (Received foo)",
        ),
        ([], "[course] "),
        ({}, "[course] "),
        (beatoraja_course(MD5S, {"clear": "Easier"}), "[score.clear] "),
    ],
)
def test_a_course_that_is_no_dan_is_refused(post, course, body, text):
    status, told = said(post(body, SUBMIT_COURSE))
    assert (status, told.startswith(text)) == (400, True), told
    assert not Import.objects.exists()


def test_an_unknown_course_is_not_found(post, course):
    answer = post(beatoraja_course(MD5S[::-1]), SUBMIT_COURSE)
    assert answer.status_code == 404
    assert not Import.objects.exists()


# The list


def test_the_list_has_every_players_best(api, post, user, token):
    make_bms_chart()
    post(beatoraja_play({"exscore": 999, "egr": 1, "lgr": -0, "epg": 499, "lpg": 0}))
    other = make_user("other")
    client = TachiIR(api, make_token(other, "submit_score"))
    client.ask("POST", SUBMIT_SCORE, beatoraja_play({"clear": "Normal"}))
    best, worse = client.scores()
    assert (best["player"], best["clear"], best["epg"], best["egr"]) == ("", 5, 650, 0)
    assert (worse["player"], worse["epg"], worse["egr"]) == (user.username, 499, 1)
    assert (best["notes"], best["minbp"], best["lpg"], best["lgr"]) == (1000, 17, 0, 0)
    assert (best["epr"], best["ems"], best["playcount"]) == (4, 0, 0)
    assert best["date"] == Score.objects.get(user=other).time_achieved
    assert (
        api.get(LIST.replace("ab", "ac"), token=token, headers=BEATORAJA).json()[
            "success"
        ]
        is False
    )


def test_the_list_takes_as_many_statements_however_long(api, token):
    chart = make_bms_chart()
    best = {
        "matchType": "bmsChartHash",
        "identifier": chart.data["hashMD5"],
        "score": 1000,
        "lamp": "CLEAR",
    }
    counted = []
    for players in (1, 5):
        for _ in range(players):
            make_import(make_user(), best, game="bms", playtype="7K")
        with CaptureQueriesContext(connection) as queries:
            api.get(LIST, token=token, headers=BEATORAJA)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 5


def test_a_pms_chart_has_a_list(api, token, players, post):
    for each in players:
        post(pms_play(), token=each)
    (best,) = TachiIR(api, token).scores()
    assert best["epg"] == 650


# As the client behaves


def test_the_plug_in_is_content_with_what_it_is_told(api, user, token, course):
    make_bms_chart()
    client = TachiIR(api, token)
    assert client.log_in() == user.username
    assert client.ask("POST", SUBMIT_SCORE, beatoraja_play())["score"]
    assert client.ask("POST", SUBMIT_SCORE, beatoraja_play()) is None
    assert client.ask("POST", SUBMIT_COURSE, beatoraja_course(MD5S))["set"]
    assert len(client.scores()) == 1
    for path in ("players/1/scores", "rivals"):
        assert client.ask("GET", f"/ir/beatoraja/{path}") is None
    assert [status for status, _ in client.log] == [
        200,
        200,
        200,
        400,
        200,
        200,
        404,
        404,
    ]
