"""The OpenAPI document: it has every endpoint, is right, and is the one in docs/."""

import json
import os
import re
from io import StringIO

import jsonschema_rs
import pytest
import yaml
from django.core.management import call_command
from django.http import JsonResponse
from django.test import Client
from django.urls import URLResolver, get_resolver

from imports.formats.batch_manual_schema import document_check
from scores.games import GAMES
from tachi import openapi
from tachi.api.routes import AnyCase
from tachi.api.views import not_found
from tests.conformance import Undeclared, document, validator
from tests.openapi_examples import lasting, record

RECORD = "RECORD_EXAMPLES" in os.environ
OPERATIONS = list(openapi.operations(document()))


def routed(patterns, prefix="/"):
    """The addresses of the API in the URL map."""
    for each in patterns:
        address = prefix + str(each.pattern)
        if not isinstance(each.pattern, AnyCase):
            continue
        if isinstance(each, URLResolver):
            yield from routed(each.url_patterns, address)
        elif each.callback is not not_found and not address.startswith("/api/docs"):
            yield re.sub(r"<(\w+)>", r"{\1}", address)


def test_every_address_is_described_and_no_other():
    assert set(document()["paths"]) == set(routed(get_resolver().url_patterns))


def test_every_endpoint_declares_what_it_answers_and_nothing_is_guessed():
    errors = StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", stdout=StringIO(), stderr=errors
    )
    assert errors.getvalue() == ""


def test_the_document_in_the_repository_is_that_of_the_code(settings):
    path = settings.BASE_DIR / "docs/openapi.yaml"
    stored = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert stored == document(), "`make openapi` writes it anew."


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does():
    names = [each["operationId"] for each in OPERATIONS]
    assert len(set(names)) == len(names)
    assert [each["operationId"] for each in OPERATIONS if not each["summary"]] == []


def test_every_link_leads_to_an_operation_and_its_parameters():
    parameters = {
        each["operationId"]: {p["name"] for p in each.get("parameters", ())}
        for each in OPERATIONS
    }
    for (operation, _), targets in openapi.LINKS.items():
        assert operation in parameters
        for target, sent in targets.items():
            assert set(sent) <= parameters[target]


def test_every_tag_is_explained():
    used = {tag for each in OPERATIONS for tag in each["tags"]}
    assert used == set(openapi.TAGS)


def test_the_examples_are_as_declared():
    shown = 0
    for operation in OPERATIONS:
        sent = operation.get("requestBody", {})
        for part in (sent, *operation["responses"].values()):
            for content in part.get("content", {}).values():
                if "example" in content:
                    validator(content["schema"]).validate(content["example"])
                    shown += 1
    assert shown == len(json.loads(openapi.EXAMPLES.read_text("utf-8"))) > 0


def test_the_examples_are_what_the_sample_gives(db, api):
    given = record(api)
    stored = json.loads(openapi.EXAMPLES.read_text("utf-8"))
    if RECORD and lasting(given) != lasting(stored):
        text = json.dumps(given, indent=1, ensure_ascii=False, sort_keys=True)
        openapi.EXAMPLES.write_text(f"{text}\n", encoding="utf-8")
    else:
        assert lasting(given) == lasting(stored), "`make openapi` records them anew."


def test_the_document_is_served_as_it_is_to_anybody(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.json() == document()
    assert answer["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_the_reference_loads_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "unsafe-eval" not in answer["Content-Security-Policy"]
    policy = answer["Content-Security-Policy"].split("; ")
    assert "script-src 'self'" in policy
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.content.decode())


@pytest.mark.parametrize("game", GAMES.values(), ids=str)
def test_a_tool_can_check_a_batch_manual_before_it_sends_it(db, client, game):
    path = f"/api/v1/schemas/batch-manual/{game.name}/{game.playtype}"
    schema = client.get(path).json()["body"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)
    empty = {
        "meta": {"game": game.name, "playtype": game.playtype, "service": "tests"},
        "scores": [],
    }
    for sent in (empty, {**empty, "scores": [{}]}, {**empty, "meta": {}}):
        right = document_check(game).accepts(sent)
        assert jsonschema_rs.is_valid(schema, sent) is right


@pytest.mark.parametrize("path", ["nothing/Single", "sdvx/Double"])
def test_an_unknown_game_has_no_schema(db, client, path):
    answer = client.get(f"/api/v1/schemas/batch-manual/{path}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"userID": 1, "more": 2}, 200),
        ({"userID": "1"}, 200),
        ({}, 200),
        ({"userID": 1}, 201),
    ],
)
def test_an_answer_that_is_not_declared_fails_a_test(monkeypatch, body, status):
    answer = {"success": True, "description": "", "body": body}
    monkeypatch.setattr(
        "tachi.api.middleware.ApiMiddleware.answer",
        lambda self, request: JsonResponse(answer, status=status),
    )
    with pytest.raises(Undeclared):
        Client().post("/api/v1/auth/login")


def test_an_address_that_is_not_declared_is_not_found(monkeypatch):
    monkeypatch.setattr(
        "tachi.api.middleware.ApiMiddleware.answer",
        lambda self, request: JsonResponse({"success": True}, status=200),
    )
    with pytest.raises(Undeclared):
        Client().get("/api/v1/no-such-thing")


def test_a_plain_view_is_declared_by_hand():
    (poll,) = [each for each in OPERATIONS if each["operationId"] == "poll_status"]
    assert poll["security"] == [{}]
    assert "429" in poll["responses"]
