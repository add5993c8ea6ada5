"""A file that is dropped on the owners' pages."""

import re

import pytest

from imports.models import DailyIntake, Import, State
from tests.factories import document, make_import, make_user, play
from tests.imports.files import iidx_csv, iidx_row
from tests.imports.pages.site_pages import (
    IMPORTS,
    UPLOAD,
    file_of,
    text_of,
    told,
    upload,
)
from tests.imports.rules.make import make_rule
from tests.state import state_of

pytestmark = pytest.mark.django_db


def test_a_file_is_imported_as_its_player_wished(client, owner, charts):
    answer = upload(client, document(*map(play, charts)))

    import_ = Import.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/imports/{import_.import_id}/")
    assert (import_.state, import_.user, import_.user_intent) == (
        State.COMPLETED,
        owner,
        True,
    )
    assert import_.counts["imported"] == 3
    assert "3 new" in told(client, IMPORTS)


def test_where_a_worker_imports_the_page_says_how_far_it_is(
    client, owner, charts, settings
):
    settings.IMPORT_INLINE = False
    answer = upload(client, document(play(charts[0])))

    page = client.get(answer.url)
    assert "Queued." in text_of(page)
    source = page.content.decode()
    assert f'data-poll="/api/v1{answer.url}poll-status"' in source
    assert '<noscript><meta http-equiv="refresh"' in source
    assert "Cancel it" in source


def test_what_is_tried_is_told_and_nothing_of_it_is_stored(client, owner, charts):
    make_import(owner, play(charts[0]))
    before = state_of(owner), DailyIntake.objects.count()
    sent = document(play(charts[0]), play(charts[1]), play(99_999), {"score": 1})

    answer = upload(client, sent, act="try", import_type="auto")
    assert answer.status_code == 400  # a document with a row that is no score
    sent["scores"].pop()
    answer = upload(client, sent, act="try", import_type="auto")

    assert answer.status_code == 200
    said = text_of(answer)
    assert "3 rows in it. Nothing was stored." in said
    assert "1 new" in said
    assert "1 held" in said
    assert "1 orphaned" in said
    assert "1 new personal best" in said
    assert "SOUND VOLTEX, VF6:" in said
    assert not re.search(r"\d\.\d{4}", said)  # not a float to its last digit
    assert "99999" in said
    assert (state_of(owner), DailyIntake.objects.count()) == before
    assert Import.objects.count() == 1


@pytest.mark.parametrize("act", ["try", "import"])
def test_a_document_that_is_refused_is_told_problem_by_problem(
    client, owner, charts, act
):
    wrong = [{**play(charts[0]), "lamp": "NO SUCH"}, {**play(charts[1]), "score": "x"}]
    answer = upload(client, document(*wrong), act=act)
    if act == "import":
        answer = client.get(answer.url)

    said = text_of(answer)
    assert "scores[0].lamp" in said
    assert "scores[1].score" in said
    assert Import.objects.failed().count() == (act == "import")


def test_what_the_api_refuses_is_refused_in_the_same_words(client, owner, settings):
    said = document(play(1))
    nothing = client.post(UPLOAD, {"importType": "file/batch-manual", "act": "import"})
    assert nothing.status_code == 400
    assert "Choose a file first." in text_of(nothing)

    unknown = upload(client, said, import_type="ir/usc")
    assert unknown.status_code == 400
    assert "Choose what kind of file it is." in text_of(unknown)

    settings.MAX_UPLOAD_BYTES = 1000
    large = upload(client, b"x" * 1000)
    assert large.status_code == 400
    assert "File provided was too large" in text_of(large)
    assert not Import.objects.exists()


def test_a_form_that_is_too_long_is_refused_before_it_is_read(client, owner, settings):
    answer = client.post(
        UPLOAD, b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=2**30
    )
    assert answer.status_code == 400
    assert "too large" in text_of(answer)


def test_limits_and_rules_hold_as_for_the_api(client, owner, charts, settings):
    settings.IMPORT_INLINE, settings.MAX_UNFINISHED_UPLOADS = False, 1
    upload(client, document(play(charts[0])))
    answer = upload(client, document(play(charts[1])))
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert "You have 1 imports that are not finished" in text_of(answer)

    Import.objects.all().delete()
    settings.IMPORT_INLINE = True
    make_rule("Not with this.", importType="file/batch-manual")
    answer = upload(client, document(play(charts[1])))
    assert answer.status_code == 403
    assert "Not with this." in text_of(answer)


def test_sixty_uploads_a_minute_are_as_many_as_with_a_token(client, owner):
    for _ in range(60):
        assert client.post(UPLOAD, {"act": "import"}).status_code == 400
    assert client.post(UPLOAD, {"act": "import"}).status_code == 429


def test_fields_beside_the_file_are_those_of_its_type(client, owner):
    sent = iidx_csv(iidx_row("Unheard of")).encode()
    answer = upload(
        client, sent, import_type="file/eamusement-iidx-csv", playtype="SP", other="x"
    )
    import_ = Import.objects.get()
    assert answer.status_code == 302
    assert (
        import_.input.parameters == {"playtype": "SP"}
        if hasattr(import_, "input")
        else import_.error_text
    )

    upload(client, document(play(1)), playtype="SP")
    assert Import.objects.latest("pk").error_text == ""


def test_the_kind_of_a_file_is_found_out_or_asked_for(client, owner, charts):
    upload(client, document(play(charts[0])), import_type="auto")
    assert Import.objects.get().import_type == "file/batch-manual"

    answer = upload(client, b"what is this", import_type="auto")
    assert answer.status_code == 400
    assert "could not be found out" in text_of(answer)


def test_a_guest_signs_in_first_and_who_is_banned_imports_nothing(client, db):
    answer = client.post(UPLOAD, {"scoreData": file_of({})})
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/imports/upload/")

    client.force_login(make_user(auth_level=0))
    assert upload(client, document(play(1))).status_code == 403
    assert not Import.objects.exists()


def test_a_form_of_another_site_is_refused_in_the_frame(owner, client):
    client.handler.enforce_csrf_checks = True
    for path in (UPLOAD, "/orphans/retry/"):
        answer = client.post(path, {"act": "import"})
        assert answer.status_code == 403
        assert "Nothing was done." in text_of(answer)
        assert b"</nav>" in answer.content
