"""LR2Hook: who is heard, what it is told, what is kept."""

import pytest

from imports.models import Import, Orphan
from scores.derived.integrity import check_user
from scores.models import ClassClaim, Course, Score
from tests.factories import make_token
from tests.imports.boku_hooks import (
    LR2_COURSE,
    LR2_IMPORT,
    MD5,
    SHA256,
    BokutachiHook,
    lr2_play,
    make_bms_chart,
)

pytestmark = pytest.mark.django_db
MD5S = "".join(each * 32 for each in "1234")
EXTENDED = {
    "epg": 250, "lpg": 250, "egr": 150, "lgr": 150, "egd": 25, "lgd": 25, "ebd": 5,
    "lbd": 5, "epr": 3, "lpr": 2, "cb": 15, "fast": 180, "slow": 182,
    "notesPlayed": 990,
}  # fmt: skip
GRAPHS = dict.fromkeys(
    ("groove", "hard", "hazard", "easy", "pattack", "gattack"), [50] * 1000
)


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def post(api, token):
    def post(body, path=LR2_IMPORT, token=token):
        return api.post(path, body, token=token)

    return post


@pytest.fixture
def course():
    return Course.objects.create(
        md5s=MD5S, title="a dan", gpt="bms:7K", class_set="genocideDan", value="OVERJOY"
    )


def said(answer):
    return answer.status_code, answer.json()["description"]


@pytest.mark.parametrize("path", [LR2_IMPORT, LR2_COURSE])
def test_it_is_refused_in_the_order_of_the_contract(post, user, settings, path):
    assert said(post({}, path, None))[0] == 401
    assert said(post({}, path, "a token"))[0] == 401
    powerless = make_token(user, "delete_score")
    assert said(post({}, path, powerless))[0] == 403
    settings.SERVER_TYPE = "kamai"
    assert said(post({}, path, None))[0] == 401
    assert said(post({}, path, powerless))[0] == 404
    settings.SERVER_TYPE = "boku"
    assert said(post({}, path))[0] == 400
    assert said(post([], path))[0] == 400


def test_a_play_is_imported_and_a_known_one_is_held(post):
    make_bms_chart()
    body = post(lr2_play()).json()["body"]
    score = Score.objects.get()
    assert (body["scoreIDs"], body["errors"]) == ([score.score_id], [])
    assert score.time_achieved == 1_733_500_000_000
    again = post(lr2_play())
    assert (again.status_code, again.json()["body"]["counts"]["held"]) == (200, 1)


def test_what_lr2_hides_makes_more_metrics(post):
    make_bms_chart()
    more = {"extendedJudgements": EXTENDED, "extendedHpGraphs": GRAPHS}
    post(lr2_play(more))
    optional = Score.objects.get().score_data["optional"]
    assert optional["bp"] == 10 + 5 + 10
    assert (optional["fast"], optional["epg"]) == (180, 250)
    histories = {name for name in optional if name.startswith("gaugeHistory")}
    assert histories == {
        "gaugeHistory",
        *(f"gaugeHistory{each}" for each in ("Easy", "Groove", "Hard")),
    }


def test_a_chart_is_found_by_either_hash_and_14_keys_have_no_random(post):
    make_bms_chart(playtype="14K")
    post(lr2_play(md5=SHA256))
    score = Score.objects.get()
    assert (score.gpt, score.score_meta["random"]) == ("bms:14K", None)


def test_an_unknown_chart_makes_an_orphan_that_comes_home(post, api, token):
    body = post(lr2_play(junk={"x": ["y"] * 1000})).json()["body"]
    assert body["errors"][0]["type"] == "SongOrChartNotFound"
    assert "junk" not in Orphan.objects.get().data
    make_bms_chart()
    outcome = api.post("/api/v1/import/orphans", token=token).json()["body"]
    assert outcome["success"] == 1
    assert Score.objects.get().time_achieved == 1_733_500_000_000


def test_a_course_raises_a_class_whatever_else_the_hook_sends(post, course, user):
    answer = post(lr2_play(md5=MD5S.upper()), LR2_COURSE)
    assert said(answer) == (200, "Successfully updated class.")
    assert answer.json()["body"] == {"set": "genocideDan", "value": "OVERJOY"}
    claim = ClassClaim.objects.get()
    assert claim.source_import.import_type == "ir/lr2hook"
    assert said(post(lr2_play(md5=MD5S), LR2_COURSE)) == (200, "Class not updated.")
    assert Import.objects.count() == 1
    assert check_user(user.pk) == []


def test_a_course_that_ended_early_changes_nothing(post, course):
    answer = post(lr2_play({"notesPlayed": 999}, md5=MD5S), LR2_COURSE)
    assert answer.json() == {
        "success": True,
        "description": "Class not updated. You failed to clear this course.",
        "body": {"notesPlayed": 999, "notesTotal": 1000},
    }
    assert post(lr2_play(md5=MD5), LR2_COURSE).status_code == 404
    assert not Import.objects.exists()


def test_the_hook_is_content_with_what_it_is_told(api, token, user, course):
    make_bms_chart()
    hook = BokutachiHook(api, token)
    assert hook.starts()
    assert hook.send(lr2_play())
    assert hook.send(lr2_play())
    assert hook.send(lr2_play(md5="unknown"))
    assert hook.send(lr2_play(md5=MD5S), LR2_COURSE)
    assert not hook.send(lr2_play({"lamp": "PERFECT"}))
    assert not BokutachiHook(api, make_token(user)).starts()
