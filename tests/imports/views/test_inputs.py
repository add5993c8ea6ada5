"""What was sent for an import, as the web client's *Input* tab reads it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Import, ImportInput
from imports.undo.revert import revert_import
from tachi.accounts.models import AuthLevel, Permission
from tests.factories import (
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)
from tests.imports.boku_hooks import lr2_play

pytestmark = pytest.mark.django_db


@pytest.fixture
def player():
    return make_user("Nimble")


def path(import_):
    return f"/cdn/score-import-input/{import_.import_id}"


def sent_file(api, player, data, **fields):
    token = make_token(player, "submit_score")
    file = SimpleUploadedFile("my scores.json", data)
    form = {"importType": "file/batch-manual", "scoreData": file, **fields}
    headers = {"Authorization": f"Bearer {token}"}
    api.client.post("/api/v1/import/file", form, headers=headers)
    return Import.objects.get()


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_a_file_is_told_with_its_bytes_and_the_fields_beside_it(api, player, size):
    data = bytes(n % 256 for n in range(size)) or b"{}"
    import_ = sent_file(api, player, data)
    answer = api.login(player).get(path(import_))
    assert answer["Content-Type"].startswith("application/json")
    file, fields = answer.json()
    assert file["originalname"] == "my scores.json"
    assert file["size"] == len(data)
    assert file["buffer"]["type"] == "Buffer"
    assert bytes(file["buffer"]["data"]) == data
    assert isinstance(fields, dict)


@pytest.mark.parametrize(("header", "infer"), [({}, False), ({"x": ""}, True)])
def test_a_document_is_told_as_it_was_sent(api, player, header, infer):
    chart, token = make_chart(), make_token(player, *Permission.values)
    sent = document(play(chart))
    headers = {"X-Infer-Score-TimeAchieved": "true"} if infer else {}
    api.post("/ir/direct-manual/import", sent, token=token, headers=headers)
    body = api.get(path(Import.objects.get()), token=token).json()
    assert body == [json.loads(json.dumps(sent)), infer]


def test_a_play_of_a_hook_is_told(api, player):
    token = make_token(player, *Permission.values)
    api.post("/ir/lr2hook/import", lr2_play(), token=token)
    body = api.get(path(Import.objects.get()), token=token).json()
    assert body[0] == json.loads(json.dumps(lr2_play()))


def test_only_the_owner_and_administrators_may_read_it(api, player):
    import_ = make_import(player, play(make_chart()))
    admin = make_user(auth_level=AuthLevel.ADMIN)
    everything = Permission.values
    asked = {
        "guest": api.get(path(import_)),
        "other": api.get(path(import_), token=make_token(make_user(), *everything)),
        "admin's token": api.get(path(import_), token=make_token(admin, *everything)),
        "owner": api.get(path(import_), token=make_token(player)),
        "admin": api.login(admin).get(path(import_)),
    }
    assert {who: answer.status_code for who, answer in asked.items()} == {
        "guest": 401,
        "other": 403,
        "admin's token": 403,
        "owner": 200,
        "admin": 200,
    }
    assert "no-store" in asked["owner"]["Cache-Control"]
    revert_import(import_, OPERATOR)
    assert api.get(path(import_)).status_code == 200


def test_what_is_not_kept_any_more_is_not_there(api, player):
    import_ = make_import(player, play(make_chart()))
    ImportInput.objects.all().delete()
    answer = api.login(player).get(path(import_))
    assert (answer.status_code, answer.json()["success"]) == (404, False)
    assert api.get("/cdn/score-import-input/nothing").status_code == 404
    assert api.get("/cdn/other").json()["success"] is False
