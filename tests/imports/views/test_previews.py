"""`?preview=true`: the answer, and who gets it. What it says is in test_previews.py of
the verb."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Import
from scores.locks import only_change_of
from tachi.api.throttles import ScoreImport
from tests.factories import NOON, document, make_chart, make_import, make_token, play
from tests.locking import held_elsewhere, needs_locks
from tests.state import all_rows

pytestmark = pytest.mark.django_db

FILE = "/api/v1/import/file"
DIRECT = "/ir/direct-manual/import"
PREVIEW = "?preview=true"
TWICE = f"{PREVIEW}&preview=true"


@pytest.fixture
def token(user):
    return make_token(user, "submit_score")


@pytest.fixture
def upload(api, token):
    def send(content, query=PREVIEW, **headers):
        text = json.dumps(content).encode()
        fields = {"importType": "file/batch-manual"}
        fields["scoreData"] = SimpleUploadedFile("scores.json", text)
        headers = {"Authorization": f"Bearer {token}", **headers}
        return api.client.post(FILE + query, fields, headers=headers)

    return send


@pytest.fixture
def directly(api, token):
    def send(content, query=PREVIEW, **headers):
        return api.post(DIRECT + query, content, token=token, headers=headers)

    return send


@pytest.fixture(params=["file", "direct"])
def ask(request, upload, directly):
    return upload if request.param == "file" else directly


@pytest.fixture
def chart():
    return make_chart()


@pytest.fixture
def sent(user, chart):
    make_import(user, play(chart, 9_000_000, NOON))
    return document(play(chart, 9_500_000, NOON), play(44), play(make_chart()))


def test_it_is_told_and_not_stored(ask, sent, settings, caplog):
    rows = all_rows()
    caplog.clear()
    answer = ask(sent)
    assert all_rows() == rows
    assert answer.status_code == 200
    assert "Nothing was stored" in answer.json()["description"]
    body = answer.json()["body"]
    assert body.keys() == {"counts", "errors", "changes"}
    assert (body["counts"]["imported"], body["counts"]["orphaned"]) == (2, 1)
    assert [each["type"] for each in body["errors"]] == ["SongOrChartNotFound"]
    changes = body["changes"]
    assert changes.keys() == {"personalBests", "sessions", "profiles", "classes"}
    assert changes["personalBests"] == {"new": 1, "improved": 1}
    assert changes["sessions"] == {"new": 0, "changed": 1}
    assert "imports.journal" not in {each.name for each in caplog.records}
    settings.IMPORT_INLINE = True
    assert ask(sent, "?preview=false").json()["body"]["counts"] == body["counts"]


@pytest.mark.parametrize("inline", [True, False])
def test_without_true_it_is_imported(ask, sent, settings, inline):
    settings.IMPORT_INLINE = inline
    for query in ("", "?preview=false"):
        assert ask(sent, query).status_code == (200 if inline else 202)


@pytest.mark.parametrize(
    "query", ["?preview=", "?preview=1", f"{PREVIEW}&preview=true"]
)
def test_anything_else_is_refused_and_not_imported(ask, sent, query):
    rows = all_rows()
    answer = ask(sent, query)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("[preview] ")
    assert all_rows() == rows


def test_a_document_that_is_refused_is_so_in_the_same_words(ask, settings):
    settings.IMPORT_INLINE = True
    bad = document(play(make_chart(), score="many"))
    told, came = ask(bad), ask(bad, "")
    assert told.status_code == came.status_code == 400
    assert told.json() == came.json()


def test_a_key_is_not_used_up(ask, sent):
    key = {"Idempotency-Key": "one"}
    assert ask(sent, **key).status_code == 200
    other = document(play(make_chart()))
    answer = ask(other, "", **key)
    assert answer.status_code == 202
    assert ask(sent, **key).json()["body"]["counts"]["total"] == 3
    assert (
        Import.objects.get(idempotency_key="one").import_id
        == (ask(other, "", **key).json()["body"]["importID"])
    )


def test_the_time_of_a_single_score_is_that_of_the_request(directly, chart):
    sent = document(play(chart))
    headers = {"X-Infer-Score-TimeAchieved": "true"}
    told = directly(sent, **headers).json()["body"]["changes"]
    assert told["sessions"] == {"new": 1, "changed": 0}
    assert directly(sent).json()["body"]["changes"]["sessions"]["new"] == 0


def test_beyond_the_bound_there_are_outcomes_only(ask, sent, settings):
    settings.PREVIEW_ROWS = 2
    body = ask(sent).json()["body"]
    assert body["counts"]["total"] == 3
    assert body["changes"] is None


def test_more_errors_than_are_listed_are_counted(directly, user):
    body = directly(document(*(play(n) for n in range(1002)))).json()["body"]
    assert len(body["errors"]) == 1000
    assert body["moreErrors"] == 2


def test_what_would_never_be_accepted_is_too_large(ask, sent, settings):
    settings.MAX_BYTES_A_DAY = 10
    assert ask(sent).status_code == ask(sent, "").status_code == 413


def test_a_preview_needs_the_permission_to_submit(api, user, sent):
    powerless = make_token(user, "delete_score")
    assert api.post(DIRECT + PREVIEW, sent, token=powerless).status_code == 403
    assert api.post(DIRECT + PREVIEW, sent).status_code == 401


def test_previews_count_for_the_limit_of_imports(ask, sent, monkeypatch):
    monkeypatch.setattr(ScoreImport, "token_limit", lambda self: 1)
    assert ask(sent).status_code == 200
    assert ask(sent, "").status_code == 429
    assert ask(sent).status_code == 429


def test_answers_that_clients_keep_stay_good(api, ask, sent):
    import_ = Import.objects.get()
    for path in ("", "/poll-status"):
        path = f"/api/v1/imports/{import_.import_id}{path}"
        before = api.get(path)
        ask(sent)
        known = {"If-None-Match": before["ETag"]}
        assert api.get(path, headers=known).status_code == 304
        assert api.get(path).json() == before.json()


@needs_locks
@pytest.mark.django_db(transaction=True)
def test_a_player_who_is_busy_is_told_to_ask_again(ask, user, sent, settings):
    settings.REQUEST_WAIT_SECONDS = 0.1
    with held_elsewhere(only_change_of, user.pk):
        answer = ask(sent)
    assert answer.status_code == 409
    assert answer["Retry-After"] == "1"
    assert ask(sent).status_code == 200
