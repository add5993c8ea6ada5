"""`/api/v1/import-rules`: listed, made and lifted by moderators."""

import json
import time

import pytest

from imports.models import Import, ImportRule
from imports.once import Sent
from imports.pipeline import accept, run_inline
from tachi.api.times import milliseconds
from tests.conftest import Api
from tests.factories import document, make_chart, make_token, make_user, play
from tests.imports.rules.make import TEXT, make_rule, soon
from tests.rights.people import make_moderator, make_staff

pytestmark = pytest.mark.django_db
RULES = "/api/v1/import-rules"


@pytest.fixture
def moderator():
    return make_moderator(username="mod")


@pytest.fixture
def ask(api, moderator):
    api.login(moderator)
    return api


def test_a_rule_is_made_refuses_and_is_lifted(ask, user, moderator):
    until = milliseconds(soon(hours=2))
    sent = {
        "filters": {"user": user.username},
        "until": until,
        "text": f" {TEXT} ",
        "note": "He was asked twice.",
    }
    answer = ask.post(RULES, sent)
    made = answer.json()["body"]
    assert answer.status_code == 201
    assert made == {
        "ruleID": ImportRule.objects.get().rule_id,
        "state": "live",
        "filters": {"user": user.username},
        "until": until,
        "text": TEXT,
        "note": "He was asked twice.",
        "batchID": None,
        "matched": 0,
        "origin": "api",
        "madeAt": made["madeAt"],
        "madeBy": "mod",
        "liftedAt": None,
        "liftedBy": "",
    }
    assert abs(made["madeAt"] - time.time() * 1000) < 60_000
    hook, token = Api(), make_token(user, "submit_score")
    body = document(play(make_chart()))
    refused = hook.post("/ir/direct-manual/import", body, token=token)
    assert (refused.status_code, refused.json()["description"]) == (403, TEXT)
    assert not Import.objects.exists()

    path = f"{RULES}/{made['ruleID']}"
    assert ask.delete(path).status_code == 200
    [listed] = ask.get(RULES).json()["body"]["rules"]
    assert (listed["state"], listed["liftedBy"], listed["matched"]) == (
        "lifted",
        "mod",
        1,
    )
    assert listed["liftedAt"] >= made["madeAt"]
    again = ask.delete(path)
    assert (again.status_code, again.json()["description"][:34]) == (
        409,
        "This rule was lifted already, at 2",
    )
    answer = hook.post("/ir/direct-manual/import", body, token=token)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"filters": {}}, "[filters] Name at least one filter"),
        ({"filters": []}, "[filters] Expected an object"),
        ({"filters": {"since": "now"}}, "[since] A rule is for further imports"),
        ({"filters": {"user": "nobody_here"}}, "[user] There is no user"),
        ({"filters": {"user": {"x": 1}}}, "[user] It has to be a text"),
        ({"text": ""}, "[text]"),
        ({"text": "  "}, "[text] Say why"),
        ({"text": None}, "[text]"),
        ({"note": 5}, "[note]"),
        ({"until": "tomorrow"}, "[until] Expected unix milliseconds"),
        ({"until": True}, "[until] Expected unix milliseconds"),
        ({"until": 10**18}, "[until] Expected unix milliseconds"),
        ({"until": 1_000}, "[until] This time is past"),
        ({"user": "somebody"}, "[null] Unexpected properties"),
    ],
)
def test_what_is_wrong_is_said(ask, change, says):
    sent = {"filters": {"game": "sdvx"}, "text": TEXT, **change}
    answer = ask.post(RULES, sent)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith(says)
    assert not ImportRule.objects.exists()


def test_rules_are_listed_in_pages_newest_first(ask):
    rules = [make_rule(game=game).rule_id for game in ("sdvx", "iidx", "usc")]
    listed, path = [], f"{RULES}?limit=2"
    for _ in range(2):
        answer = ask.get(path)
        body = answer.json()["body"]
        listed += [each["ruleID"] for each in body["rules"]]
        path = f"{RULES}?limit=2&cursor={body['next']}"
    assert body["next"] is None
    assert listed == rules[::-1]


def test_a_rule_whose_time_is_past_is_over(ask):
    rule = make_rule(game="sdvx", until=soon())
    ImportRule.objects.filter(pk=rule.pk).update(until=soon(hours=-1))
    [listed] = ask.get(RULES).json()["body"]["rules"]
    assert listed["state"] == "over"


def test_who_may_only_revert_may_not_stop(api):
    api.login(make_staff("imports.revert_import", "imports.view_importrule"))
    assert api.get(RULES).status_code == 403
    assert (
        api.post(RULES, {"filters": {"game": "sdvx"}, "text": "."}).status_code == 403
    )
    api.login(make_staff("imports.stop_source"))
    assert api.get(RULES).status_code == 200


def test_nobody_else_learns_of_a_rule(api, user):
    """A refusal tells its sender the text; not the filters, nor who made the rule."""
    note, other = "a secret of the moderators", make_user("mod_of_rules")
    rule = make_rule(user=user.username, note=note)
    ImportRule.objects.update(made_by=other, made_by_name=other.username)
    token, body = make_token(user, "submit_score"), document(play(make_chart()))
    answer = api.post("/ir/direct-manual/import", body, token=token)
    assert answer.json() == {"success": False, "description": TEXT}

    make_rule(service="tests", note=note)
    ImportRule.objects.filter(pk=rule.pk).delete()
    sent = Sent(user, "ir/direct-manual", json.dumps(body).encode())
    import_ = run_inline(accept(sent, inline=True))
    for path in (
        f"/api/v1/imports/{import_.import_id}/poll-status",
        "/api/v1/imports/failed",
        f"/api/v1/users/{user.username}/imports/failed",
    ):
        text = api.login(user).get(path).content.decode()
        assert TEXT in text
        for secret in (
            note,
            other.username,
            *ImportRule.objects.values_list("rule_id", flat=True),
        ):
            assert secret not in text
