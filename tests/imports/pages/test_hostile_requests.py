"""Requests that no page of ours makes: an answer in words, and never a fault."""

import pytest
from django.conf import settings as site
from django.urls import reverse

from imports.models import Import
from scores.models import Score
from tests.factories import document, make_import, make_token, play
from tests.imports.pages.site_pages import file_of, page_of, text_of, upload

NUL, ADMIN = "%00", "/admin/imports/import/"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "address",
    [
        "/batches/%00/",
        "/imports/%00/",
        "/imports/a%00b/revert/",
        "/batches/new/?import=%00",
        "/imports/?game=%00",
        "/admin/imports/import/%00/change/",
        "/admin/imports/import/1/change/?x=%00",
    ],
)
def test_an_address_with_a_nul_is_refused(owner, client, address):
    answer = client.get(address)

    assert answer.status_code == 400
    assert "Nothing was done" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/batches/new/", "import=%00"),
        ("/batches/new/", "service=x&reason=%00"),
        ("/notices/", "act=read&notice=%00"),
        ("/tokens/", "identifier=%00&permissions=submit_score"),
        ("/orphans/discard/", "%00=1"),
    ],
)
def test_a_form_with_a_nul_is_refused(owner, client, address, sent):
    answer = client.generic("POST", address, sent, FORM)

    assert answer.status_code == 400
    assert "Nothing was done" in answer.content.decode()


@pytest.mark.parametrize("sent", ["username=%00&password=x", "username=x&password=%00"])
@pytest.mark.parametrize("address", ["/sign-in/", "/admin/login/"])
def test_an_attempt_to_sign_in_counts_with_one(client, db, settings, address, sent):
    settings.RATE_LIMITS = True
    answers = [client.generic("POST", address, sent, FORM) for _ in range(16)]
    assert [each.status_code for each in answers] == [200] * 15 + [429]


def test_an_upload_may_have_one_anywhere(owner, client, charts):
    """Its form is read by the view itself."""
    assert upload(client, b"\0\0", game="\0").status_code in (302, 400)
    for act in ("try", "import", "\0"):
        for import_type in ("auto", "file/batch-manual", "\0"):
            file = file_of(b'{"a": "\0\\u0000"}', "\0.json")
            sent = {"scoreData": file, "importType": import_type, "act": act}
            answer = client.post("/imports/upload/", {**sent, "game": "\0"})
            assert answer.status_code in (302, 400)


def test_a_session_with_a_nul_is_none(client, db):
    client.cookies.load(f'{site.SESSION_COOKIE_NAME}="\\000aaaaaaaaaaaaaaaa"')
    assert client.get("/tokens/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/users/me").status_code in (401, 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE"])
def test_a_wrong_method_is_told_in_words(owner, client, method):
    for address in (reverse("pages:sign_out"), reverse("pages:orphans_discard")):
        answer = client.generic(method, address)

        assert answer.status_code == 405
        assert answer["Allow"] == "POST"
        assert "Nothing was done" in answer.content.decode()
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_who_has_to_sign_in_first_comes_back_to_a_page(client, owner, charts):
    """A tab was open for longer than the session."""
    import_ = make_import(owner, play(charts[0]))
    client.logout()
    for button in ("cancel", "retry"):
        sent = client.post(page_of(import_, button))
        assert sent.url == f"/sign-in/?next={page_of(import_)}"
    for button in ("discard", "retry"):
        assert client.post(f"/orphans/{button}/").url == "/sign-in/?next=/orphans/"
    sent = client.post(page_of(import_, "revert"))
    assert sent.url == f"/sign-in/?next={page_of(import_, 'revert')}"


@pytest.mark.parametrize("address", ["/", "/imports/", "/batches/new/", "/tokens/"])
def test_pages_count_as_requests_to_the_api_do(owner, client, api, settings, address):
    settings.RATE_LIMITS, settings.RATE_LIMIT = True, 3
    assert [client.get(address).status_code for _ in range(4)][2:] == [200, 429]

    answer = client.post("/tokens/", {"identifier": "x", "permissions": "submit_score"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Please wait" in text_of(answer)
    assert not owner.tokens.exists()


def test_who_is_signed_in_counts_at_every_address(owner, client, settings):
    settings.RATE_LIMITS, settings.RATE_LIMIT = True, 3
    make_token(owner)
    seen = [
        client.get("/tokens/", REMOTE_ADDR=f"10.{n}.0.1").status_code for n in range(4)
    ]
    assert seen == [200, 200, 200, 429]


def test_trying_out_takes_a_part_of_a_minute_only(
    owner, client, charts, settings, monkeypatch
):
    """On SQLite nobody else writes while something is tried out."""
    import_ = make_import(owner, play(charts[0]))
    api = f"/api/v1/imports/{import_.import_id}/revert/preview"
    settings.RATE_LIMITS = True
    monkeypatch.setattr("tachi.api.trying.WINDOW", 3600)  # it does not end meanwhile
    seconds = iter(range(0, 1000, 8))
    monkeypatch.setattr("tachi.api.trying.monotonic", lambda: next(seconds))
    assert client.get(page_of(import_, "revert")).status_code == 200
    assert client.get(api).status_code == 200

    by_page, by_api = client.get(page_of(import_, "revert")), client.get(api)
    tried = upload(client, document(play(charts[1])), act="try")

    assert [each.status_code for each in (by_page, by_api, tried)] == [429] * 3
    assert "tried out in this minute" in text_of(by_page)
    assert "tried out in this minute" in text_of(tried)
    assert int(by_page["Retry-After"]) > 0 and int(tried["Retry-After"]) > 0
    monkeypatch.undo()
    assert upload(client, document(play(charts[1]))).status_code == 302
    assert client.post(page_of(import_, "revert")).url == page_of(import_)


@pytest.mark.parametrize("way", ["page", "api"])
def test_what_was_deleted_meanwhile_is_told(owner, client, charts, monkeypatch, way):
    """By an administrator, who deletes its user, while the request waits."""
    import_ = make_import(owner, play(charts[0]))
    if way == "page":
        where, address = "imports.pages.undoing.restore_import", page_of(import_)
        monkeypatch.setattr(where, gone(import_, None))
        client.post(page_of(import_, "restore"))
        answer = client.get(address)
        assert answer.status_code == 404
        assert "It is not reverted: it is deleted." in answer.content.decode()
    else:
        where = "imports.views.previews.preview_reverts"
        monkeypatch.setattr(where, gone(import_, {"imports": []}))
        address = f"/api/v1/imports/{import_.import_id}/revert/preview"
        answer = client.get(address)
        assert answer.status_code == 409
        assert answer.json()["description"] == (
            "This import is not completed: it is deleted."
        )


def gone(import_, answer):
    """A verb that finds nothing to do, for it is deleted while it waits."""

    def verb(*args):
        Score.objects.filter(source_import=import_).delete()
        Import.objects.filter(pk=import_.pk).delete()
        return answer

    return verb
