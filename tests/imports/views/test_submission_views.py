import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_q.models import OrmQ

from imports.models import Import, State
from scores.models import Score
from tachi.api.throttles import ScoreImport
from tests.factories import NOON, document, make_chart, make_token, make_user, play

pytestmark = pytest.mark.django_db

FILE = "/api/v1/import/file"
DIRECT = "/ir/direct-manual/import"
ORPHANS = "/api/v1/import/orphans"


@pytest.fixture
def player():
    return make_user()


@pytest.fixture
def token(player):
    return make_token(player, "submit_score")


@pytest.fixture
def upload(api, token):
    def send(content=b"{}", headers=None, name="scoreData", **fields):
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        fields = {"importType": "file/batch-manual", **fields}
        if content is not None:
            fields[name] = SimpleUploadedFile("scores.json", content)
        headers = {"Authorization": f"Bearer {token}", **(headers or {})}
        return api.client.post(FILE, fields, headers=headers)

    return send


@pytest.fixture
def inline(settings):
    settings.IMPORT_INLINE = True


def test_an_upload_is_queued_and_can_be_polled_at_once(api, upload):
    answer = upload(document(play(make_chart())))
    body = answer.json()["body"]
    assert answer.status_code == 202
    assert answer["Retry-After"] == "1"
    assert set(body) == {"url", "importID"}
    assert body["url"] == (
        f"http://testserver/api/v1/imports/{body['importID']}/poll-status"
    )
    assert api.get(body["url"]).json()["body"]["importStatus"] == "ongoing"


def test_a_worker_is_woken_for_an_upload_that_is_queued_only(upload, settings):
    settings.IMPORT_INLINE = True
    upload(document())
    assert not OrmQ.objects.exists()
    settings.IMPORT_INLINE = False
    upload(document())
    assert OrmQ.objects.get().task["args"] == (Import.objects.latest("pk").pk,)


def test_the_address_to_poll_is_the_sites_own(upload, settings):
    settings.OUR_URL = "https://tachi.example"
    url = upload(document()).json()["body"]["url"]
    assert url.startswith("https://tachi.example/api/v1/imports/")


def test_an_upload_that_runs_inline_answers_with_its_document(api, upload, inline):
    chart = make_chart()
    answer = upload(document(play(chart)), headers={"X-User-Intent": "TRUE"})
    body = answer.json()["body"]
    assert answer.status_code == 200
    assert body["scoreIDs"] == [Score.objects.get().score_id]
    assert body["userIntent"] is True
    assert "url" not in body
    page = api.get(f"/api/v1/imports/{body['importID']}").json()["body"]
    assert page["import"] == body


def test_an_upload_that_fails_inline_answers_with_the_reason(upload, inline):
    answer = upload(b"{nonsense")
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert Import.objects.get().state == State.FAILED


@pytest.mark.parametrize("intent", ["1", "yes", "false", ""])
def test_only_true_is_user_intent(upload, intent):
    upload(document(), headers={"X-User-Intent": intent})
    assert Import.objects.get().user_intent is False


def test_an_import_keeps_what_was_sent_and_with_what(upload):
    headers = {"User-Agent": "Cabinet/1.0"}
    upload(document(), headers=headers, playtype="SP", assertPlaytypeCorrect="")
    import_ = Import.objects.get()
    assert import_.user_agent == "Cabinet/1.0"
    assert import_.token.permissions == ["submit_score"]
    assert import_.input.filename == "scores.json"
    assert import_.input.parameters == {"playtype": "SP", "assertPlaytypeCorrect": ""}


@pytest.mark.parametrize(
    "import_type", ["", "zzz", "ir/direct-manual", "api/flo-iidx", "FILE/batch-manual"]
)
def test_only_types_of_files_are_uploaded(upload, import_type):
    answer = upload(document(), importType=import_type)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("[importType] Expected any of file/")


def test_an_upload_needs_a_file(api, upload, token):
    text = upload(None, scoreData="{}")
    body = api.post(FILE, {"importType": "file/batch-manual"}, token=token)
    nothing = api.post(FILE, token=token)
    for answer in (text, body, nothing):
        assert answer.status_code == 400
        assert "scoreData" in answer.json()["description"]


def test_an_upload_is_one_file_in_the_right_field(upload):
    another = SimpleUploadedFile("more.json", b"{}")
    assert upload(name="file").status_code == 400
    assert upload(more=another).status_code == 400
    twice = [SimpleUploadedFile("a.json", b"{}"), SimpleUploadedFile("b.json", b"{}")]
    assert upload(None, scoreData=twice).status_code == 400
    assert not Import.objects.exists()


def test_a_file_is_smaller_than_16_mib(upload, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    assert upload(b"x" * 1000).status_code == 400
    assert upload(b"x" * 999).status_code == 202


def test_an_upload_far_too_big_is_refused_unread(api, token, settings):
    answer = api.client.post(
        FILE,
        b"x" * 100,
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {token}"},
        CONTENT_LENGTH=10**9,
    )
    assert answer.status_code == 400
    assert "too large" in answer.json()["description"]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_a_broken_upload_is_400(api, token, content_type):
    answer = api.client.post(
        FILE,
        b"broken",
        content_type=content_type,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 400
    assert answer.json()["success"] is False


def test_a_field_with_nul_is_400(upload):
    assert upload(document(), playtype="S\0P").status_code == 400


@pytest.mark.parametrize("path", [FILE, DIRECT, ORPHANS])
def test_only_those_who_may_submit(api, player, path):
    assert api.post(path).status_code == 401
    powerless = api.post(path, token=make_token(player, "delete_score"))
    assert powerless.status_code == 403
    assert "submit_score" in powerless.json()["description"]


def test_files_and_direct_imports_share_a_limit(api, token, upload, monkeypatch):
    monkeypatch.setattr(ScoreImport, "token_limit", lambda self: 5)
    for _ in range(3):
        assert api.post(DIRECT).status_code == 401
    statuses = [upload(document()).status_code for _ in range(4)]
    assert statuses == [202] * 4
    assert api.post(DIRECT, document(), token=token).status_code == 202
    assert api.post(DIRECT, document(), token=token).status_code == 429
    assert upload(b"x").status_code == 429


def test_a_script_submits_directly(api, token, inline):
    sent = document(play(make_chart()))
    headers = {"X-User-Intent": "true"}
    answer = api.post(DIRECT, sent, token=token, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["body"]["importType"] == "ir/direct-manual"
    assert answer.json()["body"]["userIntent"] is True


def test_a_submission_is_queued_and_its_address_is_absolute(api, token):
    answer = api.post(DIRECT, document(), token=token)
    assert answer.status_code == 202
    assert answer.json()["body"]["url"].startswith("http://testserver/api/v1/imports/")


@pytest.mark.parametrize("body", [None, {}, [], {"meta": 1}, [1]])
def test_a_submission_that_is_no_document_is_400(api, token, inline, body):
    answer = api.post(DIRECT, body, token=token)
    assert answer.status_code == 400
    assert Import.objects.get().state == State.FAILED


def test_the_time_of_one_score_is_inferred_on_request(api, token, inline):
    sent = document(play(make_chart()))
    headers = {"X-Infer-Score-TimeAchieved": "true"}
    assert api.post(DIRECT, sent, token=token, headers=headers).status_code == 200
    score = Score.objects.get()
    assert abs(score.time_achieved - score.time_added) < 10_000


def test_no_time_is_inferred_for_several_scores_or_a_timed_one(api, token, inline):
    chart = make_chart()
    headers = {"X-Infer-Score-TimeAchieved": "true"}
    timed = play(chart, time=NOON)
    for plays in ([play(chart, 1), play(chart, 2)], [timed]):
        answer = api.post(DIRECT, document(*plays), token=token, headers=headers)
        assert answer.status_code == 400


def test_orphans_are_tried_again(api, token, upload, inline):
    upload(document(play(987_654)))
    answer = api.post(ORPHANS, token=token)
    assert answer.status_code == 200
    assert answer.json()["body"] == {
        "processed": 1,
        "success": 0,
        "failed": 1,
        "removed": 0,
    }
