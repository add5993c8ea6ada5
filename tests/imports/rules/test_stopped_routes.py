"""Every way in, for a player whose source a rule stops."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.formats.fervidex_profile import SERVICE
from imports.models import Import, State
from imports.pipeline import run_inline
from imports.rules.stop import lift
from scores.models import ClassClaim, Course
from tests.factories import document, make_chart, make_token, play
from tests.imports.boku_hooks import (
    BEATORAJA,
    LR2_COURSE,
    LR2_IMPORT,
    SUBMIT_COURSE,
    SUBMIT_SCORE,
    USC,
    beatoraja_course,
    beatoraja_play,
    lr2_play,
    make_bms_chart,
    make_usc_chart,
    usc_play,
)
from tests.imports.hooks import (
    BARBATOS,
    CLASS,
    FERVIDEX,
    INFINITAS,
    KSHOOK,
    PROFILE,
    SAVE,
    SCORE,
    fervidex_play,
    kshook_play,
    make_iidx_chart,
    make_sdvx_chart,
    profile,
    vivid_play,
)
from tests.imports.rules.make import OPERATOR, TEXT, make_rule, matched

pytestmark = pytest.mark.django_db
MD5S = "1" * 128
UPLOAD = "/api/v1/import/file"
#: What is sent to each address, and with which headers.
SENT = {
    UPLOAD: (None, {}),
    "/ir/direct-manual/import": (None, {}),
    BARBATOS: (vivid_play(), {}),
    SUBMIT_SCORE: (beatoraja_play(), BEATORAJA),
    SUBMIT_COURSE: (beatoraja_course(MD5S), BEATORAJA),
    SCORE: (fervidex_play(), FERVIDEX),
    PROFILE: (profile(), INFINITAS),
    CLASS: ({"cleared": True, "course_id": 16, "play_style": 0}, FERVIDEX),
    SAVE: (kshook_play(), KSHOOK),
    "/ir/kshook/sv6c/score/export": ({"scores": []}, KSHOOK),
    LR2_IMPORT: (lr2_play(), {}),
    LR2_COURSE: (lr2_play(md5=MD5S), {}),
    f"{USC}/scores": (usc_play(), {}),
}
#: Those that read what is sent in the request, and need no setting for it.
READ = sorted(SENT.keys() - {PROFILE, "/ir/kshook/sv6c/score/export"})


@pytest.fixture
def ask(api, user, settings):
    """Send a play to an address: status, and the answer's JSON."""
    settings.IMPORT_INLINE = True
    make_sdvx_chart(), make_iidx_chart(), make_bms_chart(), make_usc_chart()
    Course.objects.create(
        md5s=MD5S, title="1", gpt="bms:7K", class_set="genocideDan", value="NORMAL_1"
    )
    token = make_token(user, "submit_score")
    body_of_scripts = document(play(make_chart()))

    def send(address):
        body, headers = SENT[address]
        body = body or body_of_scripts
        if address == UPLOAD:
            file = SimpleUploadedFile("x.json", json.dumps(body).encode())
            fields = {"importType": "file/batch-manual", "scoreData": file}
            headers = {"Authorization": f"Bearer {token}"}
            answer = api.client.post(address, fields, headers=headers)
        else:
            answer = api.post(address, body, token=token, headers=headers)
        return answer.status_code, answer.json()

    return send


def is_refusal(answer, address):
    status, told = answer
    if address.startswith(USC):
        return answer == (200, {"statusCode": 43, "description": TEXT})
    has_error = "fervidex" in address or "kshook" in address
    more = {"error": TEXT} if has_error else {}
    return (status, told) == (403, {"success": False, "description": TEXT, **more})


def is_success(answer):
    status, told = answer
    return status in {200, 202} and told.get("statusCode", 20) == 20


@pytest.mark.parametrize("address", SENT)
def test_each_refuses_who_is_stopped_and_stores_nothing(ask, user, address):
    rule = make_rule(user=user.username)
    assert is_refusal(ask(address), address)
    assert not Import.objects.exists()
    assert not ClassClaim.objects.exists()
    assert matched(rule) == 1
    lift(rule, OPERATOR)
    assert is_success(ask(address))


@pytest.mark.parametrize("address", READ)
def test_each_refuses_what_is_known_only_when_it_is_read(ask, user, address):
    assert is_success(ask(address))
    import_ = Import.objects.get()
    ClassClaim.objects.all().delete()  # a class is declared once
    rule = make_rule(service=import_.service)
    assert is_refusal(ask(address), address)
    refused = Import.objects.latest("pk")
    assert (refused.state, refused.error_status) == (State.FAILED, 403)
    assert refused.pk != import_.pk
    assert matched(rule) == 1


def test_a_profile_that_was_answered_202_fails_when_it_is_read(ask):
    make_rule(service=SERVICE)
    assert is_success(ask(PROFILE))
    import_ = run_inline(Import.objects.get())
    found = (import_.state, import_.error_status, import_.error_text)
    assert found == (State.FAILED, 403, TEXT)


def test_a_class_that_stands_already_is_refused_as_well(ask, user):
    assert is_success(ask(CLASS))
    make_rule(user=user.username)
    assert is_refusal(ask(CLASS), CLASS)
