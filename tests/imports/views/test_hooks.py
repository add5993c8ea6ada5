"""fervidex, kshook and BARBATOS: who is heard, what they are told, what is kept."""

import pytest
from django.db import OperationalError

from imports.models import Hook, HookSettings, Import, Orphan, State
from imports.pipeline import run_inline
from imports.undo.restore import restore_import
from scores.derived.integrity import check_user
from scores.models import ClassClaim, Score
from tachi.accounts.models import AuthLevel
from tachi.api.times import milliseconds
from tests.factories import OPERATOR, make_token, make_user
from tests.imports.hooks import (
    BARBATOS,
    CLASS,
    EXPORT,
    FERVIDEX,
    INFINITAS,
    KSHOOK,
    PROFILE,
    SAVE,
    SCORE,
    Fervidex,
    KsHook,
    exceed_play,
    fervidex_play,
    kshook_best,
    kshook_play,
    make_iidx_chart,
    make_sdvx_chart,
    profile,
    vivid_play,
)
from tests.state import state_of

pytestmark = pytest.mark.django_db

COURSE = {"cleared": True, "course_id": 18, "play_style": 0}
#: Address → its headers, and a body that is right.
RIGHT = {
    SCORE: (FERVIDEX, fervidex_play()),
    PROFILE: (FERVIDEX, profile()),
    CLASS: (FERVIDEX, COURSE),
    SAVE: (KSHOOK, kshook_play()),
    EXPORT: (KSHOOK, {"scores": [kshook_best()]}),
    BARBATOS: ({}, vivid_play()),
}
addresses = pytest.mark.parametrize("address", RIGHT)


@pytest.fixture
def charts():
    return make_iidx_chart(), make_sdvx_chart()


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def post(api, token):
    def post(address, body=None, token=token, **headers):
        usual, right = RIGHT[address]
        headers = {**usual, **{k.replace("_", "-"): v for k, v in headers.items()}}
        headers = {name: text for name, text in headers.items() if text is not None}
        body = right if body is None else body
        return api.post(address, body, token=token, headers=headers)

    return post


def said(answer):
    """Status and reason, which is under both names for hooks that read `error`."""
    told = answer.json()
    if not told["success"] and "barbatos" not in answer.request["PATH_INFO"]:
        assert told["error"] == told["description"]
    return answer.status_code, told["description"]


def want(user, hook, **fields):
    settings = {"force_static_import": True, **fields}
    return HookSettings.objects.update_or_create(
        user=user, hook=hook, defaults=settings
    )[0]


# Who is heard


@addresses
def test_hooks_are_refused_in_the_order_of_the_contract(address, post, user, settings):
    assert said(post(address, token=None))[0] == 401
    assert said(post(address, token="x" * 40))[0] == 401
    powerless = make_token(user, "delete_score")
    refused = said(post(address, token=powerless))
    assert refused == (
        403,
        "You are missing the following permissions necessary for this request:"
        " submit_score",
    )
    settings.SERVER_TYPE = "boku"
    offered_first = address in {SAVE, EXPORT}
    assert said(post(address, token=None))[0] == (404 if offered_first else 401)
    assert said(post(address, token=powerless))[0] == 404
    settings.SERVER_TYPE = "kamai"
    user.auth_level = AuthLevel.BANNED
    user.save()
    assert said(post(address))[0] == 403
    assert not Import.objects.exists()


@addresses
def test_what_no_view_answers_is_told_as_hooks_read_it(address, api, token):
    headers = RIGHT[address][0]
    answers = [
        api.post(address, b"{nonsense", token=token, headers=headers),
        api.get(address, token=token, headers=headers),
        api.post(f"{address}/more", {}, token=token, headers=headers),
        api.post(address, token=token, headers={**headers, "Content-Length": "x"}),
    ]
    assert [said(answer)[0] for answer in answers] == [400, 404, 404, 400]
    lengths = {
        int(each.get("Content-Length", 0)) or len(each.content) for each in answers
    }
    assert lengths == {len(each.content) for each in answers}


@pytest.mark.parametrize(
    ("header", "refused", "accepted"),
    [
        (
            "User_Agent",
            [
                None,
                "",
                "invalid",
                "fervidex",
                "fervidex/",
                "fervidex/.0",
                "xfervidex/1",
                "fervidex/1.2.0",
                "fervidex/1.3",
                "fervidex/1.3.x",
                "fervidex/1.٣.0",
            ],
            ["fervidex/1.3.0", "fervidex/1.10.2.5", "fervidex/0.1.0", "fervidex/2.0.0"],
        ),
        (
            "X_Software_Model",
            [
                None,
                "",
                "LDJ",
                "LDJ:J:E:Z:2021091500",
                "KFC:J:A:A:2021091500",
                "LDJ:J:E:X:2018091900",
                "LDJ:J:E:A:1999010100",
                "ldj:J:E:A:2021091500",
                "LDJ:J:E:A:202109150",
                "LDJ:J:E:A:2021091500:",
                "P2D",
                "P2D:J:B:Z:20",
            ],
            [
                "LDJ:J:E:A:2018091900",
                "TDJ:J:E:A:2021091500",
                "LDJ:J:E:E:2020092900",
                "LDJ:J:E:X:2023090500",
                "P2D:J:B:A:2099010100",
            ],
        ),
    ],
)
def test_headers_say_whether_it_is_a_fervidex_that_we_understand(
    post, charts, header, refused, accepted
):
    for address in (SCORE, PROFILE, CLASS):
        for text in refused:
            assert said(post(address, **{header: text}))[0] == 400, text
        assert not Import.objects.exists()
        for text in accepted:
            assert said(post(address, **{header: text}))[0] in {200, 202}, text
        Score.objects.all().delete()
        ClassClaim.objects.all().delete()
        Import.objects.all().delete()


def test_an_unknown_build_of_the_game_is_named_and_can_be_added(post, settings):
    make_iidx_chart(versions=["33"])
    status, text = said(post(SCORE, X_Software_Model="LDJ:J:E:A:2026010100"))
    assert (status, "2026010100" in text) == (400, True)
    settings.FERVIDEX_VERSIONS = {"2026010100:A": "33"}
    body = post(SCORE, X_Software_Model="LDJ:J:E:A:2026010100").json()["body"]
    assert body["counts"]["imported"] == 1


def test_a_version_that_the_game_does_not_have_yet_loses_nothing(post, settings):
    make_iidx_chart()
    settings.FERVIDEX_VERSIONS = {"2027010100:A": "34"}
    body = post(SCORE, X_Software_Model="LDJ:J:E:A:2027010100").json()["body"]
    (error,) = body["errors"]
    assert error["type"] == "SongOrChartNotFound"
    assert "there is no version 34, only 20, 21, " in error["message"]
    assert Orphan.objects.count() == 1


def test_kshook_is_known_by_its_headers(post, charts):
    for headers in (
        {"User_Agent": "curl/8"},
        {"User_Agent": None},
        {"X_Software_Model": None},
        {"X_Software_Model": "KFC:J:B:A:2025042200"},
        {"X_Software_Model": "QCV"},
    ):
        assert said(post(SAVE, **headers))[0] == 400
        assert said(post(EXPORT, **headers))[0] == 400
    assert "expected the form QCV:" in said(post(SAVE, X_Software_Model="QCV"))[1]
    assert not Import.objects.exists()


def test_only_the_cards_that_count_are_heard(post, charts, user):
    for cards in (None, []):
        want(user, Hook.FERVIDEX, cards=cards)
        assert said(post(SCORE))[0] == 200
    want(user, Hook.FERVIDEX, cards=["E004", "E005"])
    for address in (SCORE, PROFILE, CLASS):
        assert said(post(address))[0] == 400
        assert said(post(address, X_Account_Id="E006"))[0] == 400
        assert said(post(address, X_Account_Id="E005"))[0] in {200, 202}


# Plays


def test_a_play_is_imported_in_the_request_and_is_nobodys_wish(post, charts):
    for address, service in (
        (SCORE, "Fervidex"),
        (SAVE, "kshook SV6C"),
        (BARBATOS, "Barbatos (vivid)"),
    ):
        answer = post(address, X_User_Intent="true")
        body = answer.json()["body"]
        score = Score.objects.get(service=service)
        assert answer.status_code == 200
        assert (body["scoreIDs"], body["errors"]) == ([score.score_id], [])
        assert body["userIntent"] is False
        assert score.time_achieved == pytest.approx(body["timeStarted"], abs=60_000)
        again = post(address).json()["body"]
        assert (again["scoreIDs"], again["counts"]["held"]) == ([], 1)


@pytest.mark.parametrize(("address", "asked"), [(SCORE, 1), (SAVE, 0), (BARBATOS, 0)])
def test_settings_are_read_where_they_count_only(
    post, charts, address, asked, django_assert_max_num_queries
):
    with django_assert_max_num_queries(60) as queries:
        assert post(address).status_code == 200
    statements = [query["sql"] for query in queries]
    assert sum("imports_hooksettings" in each for each in statements) == asked
    assert sum("scores_chartidentifier" in each for each in statements) == 1


def test_beginner_charts_are_left_out(post, charts, user):
    body = post(SCORE, fervidex_play(chart="spb")).json()["body"]
    assert (body["counts"]["total"], body["errors"]) == (0, [])
    want(user, Hook.FERVIDEX)
    scores = {"1001": {"spb": {"ex_score": 1, "clear_type": 4}}}
    post(PROFILE, profile(scores=scores))
    assert run_inline(Import.objects.last()).counts["total"] == 0


def test_double_play_has_two_randoms(post):
    make_iidx_chart(playtype="DP")
    option = {"style": "MIRROR", "style_2p": None}
    post(SCORE, fervidex_play(chart="dpa", option=option))
    assert Score.objects.get().score_meta["random"] == ["MIRROR", "NONRAN"]


def test_one_song_that_the_game_has_twice_is_one(post):
    chart = make_iidx_chart(12250, difficulty="LEGGENDARIA")
    post(SCORE, fervidex_play(entry_id=21201))
    assert Score.objects.get().chart == chart


def test_fan_made_charts_go_by_their_hash(post):
    official = {"2dxtraSet": "kiraku", "hashSHA256": "ab" * 32}
    fan_made = make_iidx_chart(data=official)
    body = post(SCORE).json()["body"]
    assert body["errors"][0]["type"] == "SongOrChartNotFound"
    post(SCORE, fervidex_play(custom=True, chart_sha256="ab" * 32))
    assert Score.objects.get().chart == fan_made


def test_who_died_was_judged_no_further(post, charts):
    dead = {"measure": 12, "note": None}
    post(SCORE, fervidex_play(dead=dead, gauge=[100, 50, 255], clear_type=1))
    optional = Score.objects.get().score_data["optional"]
    assert (optional["bp"], optional["gauge"]) == (None, None)
    assert optional["gaugeHistory"] == [100, 50, None]


def test_a_gauge_that_cannot_be_is_told(post, charts):
    body = post(SCORE, fervidex_play(gauge=[100, 150])).json()["body"]
    (error,) = body["errors"]
    assert (error["type"], error["message"]) == (
        "InvalidDatapoint",
        "Invalid value of gauge 150, the last one: expected at most 100.",
    )


def test_an_orphan_of_a_hook_comes_home_as_it_was_played(api, post, token):
    post(SCORE, fervidex_play(highlight=True))
    post(SAVE)
    post(BARBATOS, exceed_play())
    received = list(Import.objects.order_by("pk").values_list("received_at", flat=True))
    make_iidx_chart()
    make_sdvx_chart()
    outcome = api.post("/api/v1/import/orphans", token=token).json()["body"]
    assert (outcome["success"], Orphan.objects.count()) == (3, 0)
    scores = Score.objects.order_by("source_import")
    times = [score.time_achieved for score in scores]
    assert times == list(map(milliseconds, received))
    shown = api.get(f"/api/v1/scores/{scores[0].score_id}").json()["body"]
    assert shown["score"]["highlight"] is True


# Highlights


def highlighted(api):
    scores = Score.objects.order_by("pk").values_list("score_id", flat=True)
    page = [api.get(f"/api/v1/scores/{score}").json()["body"] for score in scores]
    return [each["score"]["highlight"] for each in page]


def test_a_highlight_marks_a_new_score_and_a_known_one(api, post, charts):
    post(SCORE, fervidex_play(highlight=True))
    post(SCORE, fervidex_play(ex_score=1500, great=100))
    assert highlighted(api) == [True, False]
    body = post(SCORE, fervidex_play(ex_score=1500, great=100, highlight=True)).json()
    counts = body["body"]["counts"]
    assert (counts["imported"], counts["held"], counts["rejected"]) == (0, 1, 0)
    assert highlighted(api) == [True, True]
    post(SCORE, fervidex_play(highlight=False))
    assert highlighted(api) == [True, True]


# The profile


def test_a_profile_is_answered_before_it_is_looked_at(post, charts, user):
    for body in (profile(), {}, [], {"scores": 5}, profile(sp_dan="x")):
        answer = post(PROFILE, body)
        assert (answer.status_code, answer.json()["body"]) == (202, {})
    states = {import_.state for import_ in Import.objects.all()}
    assert states == {State.QUEUED}


def test_a_profiles_scores_count_where_they_are_wanted(post, charts, user):
    def outcome(**headers):
        assert post(PROFILE, **headers).status_code == 202
        import_ = run_inline(Import.objects.last())
        dans = ClassClaim.objects.filter(source_import=import_)
        assert [dan.value for dan in dans] == ["DAN_9"]
        return import_.counts["total"]

    assert outcome() == 0
    settings = want(user, Hook.FERVIDEX)
    assert [outcome(), outcome()] == [1, 0]
    settings.refresh_from_db()
    assert settings.force_static_import is False
    assert outcome(X_Software_Model=INFINITAS["X-Software-Model"]) == 1
    (score,) = Score.objects.filter(service="Fervidex Static")
    assert (score.time_achieved, score.score_data["optional"]["bp"]) == (None, 40)


def test_the_switch_goes_off_with_what_is_kept_and_only_then(
    post, charts, user, monkeypatch
):
    settings = want(user, Hook.FERVIDEX)
    of_kshook = want(user, Hook.KSHOOK_SV6C)

    def away(*args, **fields):
        raise OperationalError("a fault that was planted")

    with monkeypatch.context() as patch:
        patch.setattr("imports.models.ImportInput.save", away)
        assert said(post(PROFILE))[0] == 503
        assert said(post(EXPORT))[0] == 503
    for each in (settings, of_kshook):
        each.refresh_from_db()
        assert each.force_static_import is True
    assert not Import.objects.exists()


def test_a_row_of_a_profile_costs_itself_only(post, charts, user):
    want(user, Hook.FERVIDEX)
    good = {"ex_score": 1180, "clear_type": 4, "from the future": True}
    scores = {
        "1001": {
            "spa": good,
            "spx": good,
            "sph": {**good, "clear_type": 8},
            "spn": 5,
            "spl": {**good, "miss_count": -2},
            "dpa": {**good, "ex_score": "1"},
        },
        "abc": {"spa": good},
        "-1": {"spa": good},
        "9" * 30: {"spa": good},
        "1002": None,
        "1003": {"spa": good},
    }
    post(PROFILE, profile(scores=scores))
    import_ = run_inline(Import.objects.last())
    types = sorted(error["type"] for error in import_.errors)
    assert import_.counts["imported"] == 1
    assert types == ["InvalidDatapoint"] * 8 + ["SongOrChartNotFound"] * 2


# Courses


def test_a_course_raises_the_dan_and_is_an_import_of_its_own(post, api, user):
    answer = post(CLASS, {**COURSE, "more": 1})
    assert answer.json() == {"success": True, "description": "Dan changed!"}
    assert said(post(CLASS, {**COURSE, "course_id": 17})) == (200, "Dan unchanged.")
    post(CLASS, {"cleared": True, "course_id": 17, "play_style": 1})
    claims = ClassClaim.objects.order_by("pk").values_list("gpt", "value")
    assert list(claims) == [
        ("iidx:SP", "KAIDEN"),
        ("iidx:SP", "CHUUDEN"),
        ("iidx:DP", "CHUUDEN"),
    ]
    profiles = api.get(f"/api/v1/users/{user.pk}/game-stats").json()["body"]
    dans = {each["playtype"]: each["classes"]["dan"] for each in profiles}
    assert dans == {"SP": "KAIDEN", "DP": "CHUUDEN"}
    first = Import.objects.order_by("pk").first()
    page = api.get(f"/api/v1/imports/{first.import_id}").json()["body"]["import"]
    assert page["importType"] == "ir/fervidex"
    assert page["classDeltas"] == [
        {"game": "iidx", "playtype": "SP", "set": "dan", "old": None, "new": "KAIDEN"}
    ]


@pytest.mark.parametrize(
    "changes",
    [{"course_id": each} for each in (None, 19, 20, -1, 1.5, "1", True, [])]
    + [{"play_style": each} for each in (None, 2, -1, "0", False)]
    + [{"cleared": each} for each in (None, 1, "true")],
)
def test_a_course_that_cannot_be_is_refused(post, changes):
    status, text = said(post(CLASS, {**COURSE, **changes}))
    assert (status, text.startswith("[")) == (400, True)
    assert not Import.objects.exists()


def test_a_course_that_was_not_cleared_changes_nothing(post):
    answer = post(CLASS, {**COURSE, "cleared": False})
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    assert not Import.objects.exists()


# The export


def test_an_export_is_imported_once_when_it_is_wanted(post, charts, user):
    answer = post(EXPORT)
    assert (answer.status_code, answer.json()["body"]) == (200, {})
    assert not Import.objects.exists()
    want(user, Hook.KSHOOK_SV6C)
    body = post(EXPORT).json()["body"]
    assert body["counts"]["imported"] == 1
    score = Score.objects.get()
    assert score.import_type == "ir/kshook-sv6c-static"
    assert score.time_achieved == 1_624_324_467_000
    assert post(EXPORT).json()["body"] == {}
    assert HookSettings.objects.get().force_static_import is False


def test_a_row_of_an_export_costs_itself_only(post, charts, user):
    want(user, Hook.KSHOOK_SV6C)
    rows = [
        kshook_best(grade="GRADE_SSS"),
        kshook_best(difficulty="DIFFICULTY_ULTIMATE"),
        kshook_best(clear="CLEAR_SAVED"),
        kshook_best(clear="CLEAR_PERFECT"),
        kshook_best(timestamp=0, score=9_000_000),
        kshook_best(timestamp=2**53 - 1, score=9_000_001),
        {},
        None,
        [[]],
        kshook_best(music_id=9),
    ]
    body = post(EXPORT, {"scores": rows}).json()["body"]
    types = sorted(error["type"] for error in body["errors"])
    assert body["counts"]["imported"] == 2
    assert types == ["InvalidDatapoint"] * 6 + ["SongOrChartNotFound"] * 2
    assert Score.objects.filter(time_achieved=None).count() == 1


# Reverts


def test_what_hooks_sent_can_be_reverted_and_restored(post, api, charts, user, token):
    may = make_token(user, "submit_score", "delete_score")
    want(user, Hook.KSHOOK_SV6C)
    for address in RIGHT:
        post(address)
    queued = Import.objects.queued().get()
    run_inline(queued)
    before = state_of(user)
    imports = list(Import.objects.order_by("pk"))
    assert len(imports) == 6
    for import_ in imports:
        answer = api.post(f"/api/v1/imports/{import_.import_id}/revert", token=may)
        assert answer.status_code == 200
        assert check_user(user.pk) == []
    assert not Score.objects.exists()
    assert ClassClaim.objects.filter(withdrawn_at=None).count() == 2
    for import_ in imports:
        import_.refresh_from_db()
        restore_import(import_, OPERATOR)
        assert check_user(user.pk) == []
    assert state_of(user) == before


# As clients behave


def test_kshook_is_content_with_what_it_is_told(api, user, token, charts):
    hook = KsHook(api, token)
    assert hook.send(SAVE, kshook_play()) == ""
    assert hook.send(EXPORT, {"scores": None}) == ""
    want(user, Hook.KSHOOK_SV6C)
    assert hook.send(EXPORT, {"scores": None}) == ""
    assert hook.send(SAVE, kshook_play(score=-1)) != ""
    assert KsHook(api, "nobody's").send(SAVE, kshook_play()) != ""
    assert hook.sent == 4


def test_fervidex_is_content_with_what_it_is_told(api, user, token, charts):
    hook = Fervidex(api, token)
    status, told = hook.send(SCORE, fervidex_play())
    assert (status, told["body"]["errors"]) == (200, [])
    for _ in range(3):
        assert hook.send(PROFILE, profile())[0] == 202
    assert hook.send(CLASS, COURSE)[0] == 200
    assert hook.send(SCORE, {})[0] == 400
    assert Fervidex(api, make_user().username).send(SCORE, {})[0] == 401
