"""USC-IR: its own statuses, who is heard, standings, records and replays."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from imports.models import Import, Orphan
from imports.undo.revert import revert_import
from scores.models import Replay, Score
from tachi.accounts.models import AuthLevel
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.boku_hooks import SHA1, USC, USCGame, make_usc_chart, usc_play

pytestmark = pytest.mark.django_db
CHART = f"/charts/{SHA1}"


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def game(api, token):
    return USCGame(api, token)


@pytest.fixture
def players(api):
    """Five players, each with a game."""
    users = [make_user(f"p{n}") for n in range(5)]
    return [USCGame(api, make_token(user, "submit_score")) for user in users]


# Who is heard


@pytest.mark.parametrize("path", ["", CHART, "/scores", "/replays"])
def test_it_is_refused_in_the_order_of_the_contract(api, user, token, settings, path):
    method = "POST" if path in {"/scores", "/replays"} else "GET"

    def ask(authorization=None, base=USC):
        headers = {"Authorization": authorization} if authorization else {}
        answer = api.send(method, f"{base}{path}", headers=headers)
        told = answer.json()
        return answer.status_code, told.get("statusCode"), told

    settings.SERVER_TYPE = "kamai"
    assert ask(base="/ir/usc/nonsense")[:2] == (404, None)
    settings.SERVER_TYPE = "boku"
    for playtype in ("nonsense", "controller"):
        status, _, told = ask(base=f"/ir/usc/{playtype}")
        assert (status, told["success"]) == (400, False)
    for wrong in ("", "Bearer", "Basic x", f"Bearer {token} x", token):
        assert ask(wrong)[:2] == (200, 40)
    assert ask("Bearer nobody's")[:2] == (200, 41)
    if method == "POST":
        powerless = make_token(user, "delete_score")
        status, _, told = ask(f"Bearer {powerless}")
        assert (status, "submit_score" in told["description"]) == (403, True)
    user.auth_level = AuthLevel.BANNED
    user.save()
    assert ask(f"Bearer {token}")[:2] == (200, 43)
    assert not Import.objects.exists()


def test_a_session_does_not_count(api, user):
    assert api.login(user).get(USC).json()["statusCode"] == 40


def test_the_server_says_what_it_is(game, settings):
    settings.SERVER_NAME = "Somewhere"
    code, body = game.get()
    assert (code, body["serverName"], body["irVersion"]) == (20, "Somewhere", "0.4.0-a")
    assert type(body["serverTime"]) is int


# Plays


def test_a_play_is_answered_with_its_standing(game, user):
    make_usc_chart()
    code, body = game.send(usc_play())
    assert code == 20
    score = body["score"]
    assert score == body["serverRecord"]
    assert (score["score"], score["lamp"], score["ranking"]) == (9_000_000, 2, 1)
    assert (score["crit"], score["near"], score["error"]) == (100, 50, 5)
    assert (score["gaugeMod"], score["noteMod"]) == ("NORMAL", "NORMAL")
    assert score["username"] == user.username
    stored = Score.objects.get()
    assert score["timestamp"] == stored.time_achieved // 1000
    assert (body["isPB"], body["isServerRecord"]) == (True, True)
    assert body["sendReplay"] == stored.score_id
    assert stored.score_data["optional"]["gauge"] == 80


def test_only_a_best_is_one(game):
    make_usc_chart()
    game.send(usc_play())
    code, body = game.send(usc_play(8_000_000))
    assert (code, body["isPB"], body["isServerRecord"]) == (20, False, False)
    assert body["score"]["score"] == body["serverRecord"]["score"] == 9_000_000
    assert body["sendReplay"] == Score.objects.order_by("pk").last().score_id


def test_a_known_play_is_answered_in_full(game):
    make_usc_chart()
    first = game.send(usc_play())
    assert game.send(usc_play()) == first
    assert Score.objects.count() == 1


def test_neighbours_are_by_rank_and_without_the_record(players):
    make_usc_chart()
    for n, game in enumerate(players):
        code, body = game.send(usc_play(9_000_000 - n))
    ranks = [each["ranking"] for each in body["adjacentAbove"]]
    assert (code, ranks, body["adjacentBelow"]) == (20, [2, 3, 4], [])
    assert (body["isPB"], body["isServerRecord"]) == (True, False)
    assert body["serverRecord"]["score"] == 9_000_000
    _, body = players[1].send(usc_play(8_999_000))
    assert body["score"]["ranking"] == 2
    assert body["adjacentAbove"] == []
    assert [each["ranking"] for each in body["adjacentBelow"]] == [3, 4, 5]
    _, body = players[4].send(usc_play(9_500_000))
    assert (body["isServerRecord"], body["adjacentAbove"]) == (True, [])
    assert [each["ranking"] for each in body["adjacentBelow"]] == [2, 3, 4]


@pytest.mark.parametrize(
    ("options", "gauge", "lamp", "mod"),
    [
        ({"gaugeType": 0}, 0.699999988079071, "CLEAR", "NORMAL"),
        ({"gaugeType": 0}, 0.7, "CLEAR", "NORMAL"),
        ({"gaugeType": 0}, 0.69999992847, "FAILED", "NORMAL"),
        ({"gaugeType": 1}, 0.001, "EXCESSIVE CLEAR", "HARD"),
        ({"gaugeType": 1}, 0, "FAILED", "HARD"),
        ({"gaugeType": 2}, 1, "FAILED", "PERMISSIVE"),
        ({"gaugeType": 3}, 0.5, "CLEAR", None),
        ({"gaugeType": 3}, 0, "FAILED", None),
    ],
)
def test_gauges_and_what_clears_them(game, options, gauge, lamp, mod):
    make_usc_chart()
    assert game.send(usc_play(options=options, gauge=gauge))[0] == 20
    score = Score.objects.get()
    assert (score.score_data["lamp"], score.score_meta.get("gaugeMod")) == (lamp, mod)
    stored = score.score_data["optional"]["gauge"]
    assert stored == pytest.approx(gauge * 100, abs=1e-4)


def test_newer_clients_send_early_late_and_combo(game):
    make_usc_chart()
    game.send(usc_play(early=30, late=20, combo=60, options={"mirror": True}))
    score = Score.objects.get()
    optional = score.score_data["optional"]
    assert (optional["fast"], optional["slow"], optional["maxCombo"]) == (30, 20, 60)
    assert score.score_meta["noteMod"] == "MIRROR"


def test_what_is_refused_says_why(game, api, token):
    make_usc_chart()
    for body in (
        {},
        [],
        usc_play(gauge=80),
        usc_play(windows={"perfect": 46, "good": 150, "hold": 150, "miss": 300}),
        usc_play(options={"gaugeType": 4}),
        usc_play(options={"autoFlags": 1}),
        usc_play(early=None),
        usc_play(10_000_001),
        usc_play(1, error=0),
    ):
        assert game.send(body) == (40, None)
    assert not Score.objects.exists()


def test_an_unknown_chart_is_accepted_and_comes_home(game, api, token):
    assert game.send(usc_play()) == (22, {})
    assert Orphan.objects.count() == 1
    make_usc_chart(playtype="Keyboard")
    make_usc_chart()
    outcome = api.post("/api/v1/import/orphans", token=token).json()["body"]
    assert outcome["success"] == 1
    assert Score.objects.get().gpt == "usc:Controller"


def test_a_play_that_its_player_has_blocked_is_refused(game, api, user):
    make_usc_chart()
    _, body = game.send(usc_play())
    may = make_token(user, "delete_score")
    api.delete(f"/api/v1/scores/{body['sendReplay']}", {"blacklist": True}, token=may)
    assert game.send(usc_play()) == (42, None)


@pytest.mark.django_db(transaction=True)
def test_faults_of_ours_are_50_and_lose_nothing(game, monkeypatch, the_long_way):
    make_usc_chart()

    def away(*args):
        raise OperationalError("a fault that was planted")

    with monkeypatch.context() as patch:
        patch.setattr("imports.pipeline.write", away)
        assert game.send(usc_play()) == (22, {})
        patch.setattr("imports.pipeline.write", None)
        assert game.send(usc_play(8_000_000))[0] == 50
        patch.setattr("imports.views.usc.import_here", away)
        assert game.send(usc_play())[0] == 50
        patch.setattr("imports.views.usc.import_here", None)
        assert game.send(usc_play())[0] == 50


# What is read


def test_charts_records_and_leaderboards(game, players):
    for path in (CHART, f"{CHART}/record", f"{CHART}/leaderboard?mode=x"):
        assert game.get(path)[0] == 44
    make_usc_chart()
    assert game.get(CHART) == (20, {})
    assert game.get(f"{CHART}/record")[0] == 44
    assert game.get(f"{CHART}/leaderboard?mode=best&n=5") == (20, [])
    for n, each in enumerate(players):
        each.send(usc_play(9_000_000 + n))
    _, body = game.get(f"{CHART}/record")
    assert body["record"]["score"] == 9_000_004
    _, board = game.get(f"{CHART}/leaderboard?mode=best&n=3")
    assert [(each["ranking"], each["score"]) for each in board] == [
        (1, 9_000_004),
        (2, 9_000_003),
        (3, 9_000_002),
    ]
    for query in ("", "?mode=worst&n=1", "?mode=rivals&n=1", "?n=3", "?mode=best"):
        assert game.get(f"{CHART}/leaderboard{query}")[0] == 40
    for n in ("0", "-1", "1.5", "x", "٣", "1e1", "9" * 20, "1&n=2x"):
        assert game.get(f"{CHART}/leaderboard?mode=best&n={n}")[0] == 40
    assert len(game.get(f"{CHART}/leaderboard?mode=best&n=100")[1]) == 5


def test_scores_of_other_sources_can_be_read(game, user):
    chart = make_usc_chart()
    best = {
        "matchType": "uscChartHash",
        "identifier": chart.data["hashSHA1"],
        "score": 9_100_000,
        "lamp": "FAILED",
    }
    make_import(user, best, game="usc", playtype="Controller")
    _, body = game.get(f"{CHART}/record")
    record = body["record"]
    assert (record["crit"], record["timestamp"], record["gaugeMod"]) == (0, 0, "NORMAL")


# Replays


def test_a_replay_is_kept_and_the_last_one_counts(game, user, api):
    make_usc_chart()
    _, body = game.send(usc_play(), b"first")
    assert bytes(Replay.objects.get().data) == b"first"
    assert game.upload(body["sendReplay"], b"second") == (20, {})
    replay = Replay.objects.get()
    assert (bytes(replay.data), replay.size) == (b"second", 6)
    revert_import(Import.objects.get(), OPERATOR)
    assert Replay.objects.count() == 1
    assert game.upload(body["sendReplay"])[0] == 44


def test_replays_are_refused_as_the_game_reads_it(game, api, user, settings):
    make_usc_chart()
    _, body = game.send(usc_play())
    own = body["sendReplay"]
    other = USCGame(api, make_token(make_user(), "submit_score"))

    def told(identifier, replay=b"x", game=game, **fields):
        data = {"replay": _file(replay)} if replay is not None else {}
        data |= {} if identifier is None else {"identifier": identifier}
        answer = api.client.post(
            f"{USC}/replays",
            {**data, **fields},
            headers={"Authorization": f"Bearer {game.token}"},
        )
        return answer.status_code, answer.json()

    def code(number, text):
        return 200, {"statusCode": number, "description": text}

    no_score = code(44, "No score corresponds to this identifier.")
    assert told(None) == code(40, "No Identifier Provided.")
    assert told(own, None) == code(40, "No File Provided.")
    for identifier in ("x", "T", f"T{'0' * 64}", f"{own} ", "T\0", "🎵"):
        assert told(identifier) == no_score
    assert told(own, game=other) == no_score
    assert told(own, b"x" * (1024 * 1024))[0] == 200
    assert told(own, b"x" * (1024 * 1024 + 1))[0] == 400
    assert told(own, b"x" * (2 * 1024 * 1024))[0] == 400
    assert told(own, None, other=_file(b"x"))[0] == 400
    assert told(own, more=_file(b"x"))[0] == 400
    settings.MAX_REPLAY_BYTES = 10
    assert told(own, b"x" * 11)[1]["statusCode"] == 42
    assert told(own, b"x" * 10)[1] == {
        "statusCode": 20,
        "description": "Saved replay.",
        "body": {},
    }
    answer = api.post(f"{USC}/replays", {"identifier": own}, token=game.token)
    assert answer.json()["statusCode"] == 40


def _file(content):
    return SimpleUploadedFile("x.urf", content)


def test_only_scores_of_usc_have_replays(game, user):
    score = make_import(user, play(make_chart())).scores.get()
    assert game.upload(score.score_id)[0] == 44
