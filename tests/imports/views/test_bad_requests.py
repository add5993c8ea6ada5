"""Requests that bring nothing to import, by either entrance: a clear answer,
nothing stored, nothing lost."""

import pytest

from imports.models import Import, ImportInput
from scores.models import Score
from tachi.accounts.models import ApiToken, AuthLevel
from tests.factories import make_token
from tests.imports.site import DIRECT, FILE, TYPE, field, file, part, text_of
from tests.state import state_of

pytestmark = pytest.mark.django_db

NO_FILE = "Expected a file for field scoreData."
BAD_FILE = "File provided was too large, corrupt, or provided in the wrong field."
NO_GAME = "Could not retrieve meta.game - is this valid BATCH-MANUAL?"


@pytest.mark.parametrize(
    ("authorization", "status", "text"),
    [
        ("", 401, "You are not authorised as anyone"),
        ("{}", 400, "Invalid Authorization Type - Expected Bearer."),
        ("bearer {}", 400, "Invalid Authorization Type - Expected Bearer."),
        ("Token {}", 400, "Invalid Authorization Type - Expected Bearer."),
        ("Basic {}", 400, "Invalid Authorization Type - Expected Bearer."),
        ("Bearer", 401, "Invalid token."),
        ("Bearer ", 401, "Invalid token."),
        ("Bearer  {}", 401, "The provided API token does not correspond with any key"),
        ("Bearer {}0", 401, "The provided API token does not correspond with any key"),
        ("Bearer {} ", 401, "The provided API token does not correspond with any key"),
        ("Bearer \0", 401, "The provided API token does not correspond with any key"),
        ("Bearer ü", 401, "The provided API token does not correspond with any key"),
        ("Bearer ' OR 1=1", 401, "The provided API token does not correspond with "),
    ],
)
def test_a_header_that_names_nobody_is_refused(site, send, authorization, status, text):
    headers = {"Authorization": authorization.format(site.token)}
    site.refused(send(site.text(), headers=headers), status, text)


def test_a_revoked_token_is_refused(site, send):
    revoked = make_token(site.player, "submit_score")
    ApiToken.objects.filter(prefix=revoked[:8]).update(revoked_at="2026-01-01T00:00Z")
    headers = {"Authorization": f"Bearer {revoked}"}
    text = "The provided API token does not correspond with any key in the database."
    site.refused(send(site.text(), headers=headers), 401, text)


def test_a_token_without_the_permission_is_refused(site, send):
    powerless = make_token(site.player, "delete_score", "customise_score")
    headers = {"Authorization": f"Bearer {powerless}"}
    answer = send(site.text(), headers=headers)
    assert text_of(answer).endswith("necessary for this request: submit_score")
    site.refused(answer, 403, "You are missing the following permissions")


def test_a_banned_user_is_refused_and_their_scores_stay(site, send):
    site.player.auth_level = AuthLevel.BANNED
    site.player.save()
    answer = send(site.text())
    assert (answer.status_code, text_of(answer)) == (403, "You are banned.")
    assert state_of(site.player) == site.before
    site.player.auth_level = AuthLevel.USER
    site.player.save()
    site.unharmed()


def test_json_is_refused_before_it_is_asked_who_sends_it(site):
    headers = {"Authorization": "Token x"}
    answer = site.submit(b"{bad", headers=headers)
    site.refused(answer, 400, "Invalid JSON. (")


MIB = 1024 * 1024


@pytest.mark.parametrize("size", [16 * MIB, 17 * MIB])
def test_a_file_of_16_mib_is_too_large(site, size):
    site.refused(site.upload(b"x" * size), 400, BAD_FILE)


def test_a_file_just_below_16_mib_is_read(site):
    text = site.text().encode()
    answer = site.upload(text + b" " * (16 * MIB - 1 - len(text)))
    assert answer.status_code == 200


def test_a_body_above_4_mib_is_413_and_one_of_4_mib_is_read(site):
    text = site.text().encode()
    exactly = text + b" " * (4 * MIB - len(text))
    site.refused(site.submit(exactly + b" "), 413, "Your request body was too large.")
    Score.objects.exclude(score_data__score=8_000_000).delete()
    assert site.submit(exactly).status_code == 200


FORMS = {
    "no part at all": ([], NO_FILE),
    "no file": ([field("importType", b"file/batch-manual")], NO_FILE),
    "no file name": ([field("scoreData", b"{}")], NO_FILE),
    "an empty file name": ([file(b"{}", "")], NO_FILE),
    "a file name of dots": ([file(b"{}", "..")], NO_FILE),
    "a file name in no UTF-8": (
        [part(b'form-data; name="scoreData"; filename="\xff\xfe"', b"{}")],
        NO_FILE,
    ),
    "a file name in an unknown charset": (
        [part("form-data; name=\"scoreData\"; filename*=bogus''a", b"{}")],
        NO_FILE,
    ),
    "no name": ([part("form-data", b"{}")], NO_FILE),
    "a file name that never ends": ([file(b"{}", "a" * 10_000)], BAD_FILE),
    "another field": (
        [field("a", b""), file(b"{}").replace(b"scoreData", b"f")],
        BAD_FILE,
    ),
    "two files": ([file(b"{}"), file(b"{}")], BAD_FILE),
    "a file beside it": (
        [file(b"{}"), file(b"{}").replace(b"scoreData", b"f")],
        BAD_FILE,
    ),
    "no base64": (
        [
            part(
                'form-data; name="scoreData"; filename="a"',
                b"!!!!a",
                b"Content-Transfer-Encoding: base64\r\n",
            )
        ],
        BAD_FILE,
    ),
    "a field of 5 MiB": ([file(b"{}"), field("a", b"x" * 5 * MIB)], BAD_FILE),
    "2,000 fields": ([file(b"{}")] + [field("a", b"x")] * 2000, BAD_FILE),
    "200 files": ([file(b"{}")] * 200, BAD_FILE),
    "the type as a file": (
        [part('form-data; name="importType"; filename="a"', b"x"), file(b"{}")],
        BAD_FILE,
    ),
    "no type": ([file(b"{}")], "[importType] Expected any of file/"),
    "an unknown type": (
        [file(b"{}"), field("importType", b"file/zzz")],
        "[importType] Expected any of file/",
    ),
    "a type of no files": (
        [file(b"{}"), field("importType", b"ir/direct-manual")],
        "[importType] Expected any of file/",
    ),
    "NUL in the type": (
        [file(b"{}"), field("importType", b"file/batch-manual\0")],
        "[importType] Expected any of file/",
    ),
    "half of a pair in the type": (
        [file(b"{}"), field("importType", b"\xed\xa0\x80")],
        "[importType] Expected any of file/",
    ),
}


@pytest.mark.parametrize(("parts", "text"), FORMS.values(), ids=FORMS)
def test_a_form_that_is_not_right_is_refused(site, parts, text):
    site.refused(site.post_form(*parts), 400, text)
    assert Import.objects.count() == 3
    assert ImportInput.objects.count() == 3


@pytest.mark.parametrize("missing", [1, 4, 12, 200])
def test_a_form_that_was_cut_off_is_refused(site, missing):
    whole = TYPE + file(site.text().encode()) + b"--edge--"
    cut = "multipart/form-data; boundary=edge"
    site.refused(
        site.post(FILE, whole[: -len(b"--edge--") - missing], cut), 400, NO_FILE
    )


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("multipart/form-data", BAD_FILE),
        ("multipart/form-data; boundary=", BAD_FILE),
        ("multipart/form-data; boundary=ü", BAD_FILE),
        ("multipart/form-data; boundary=other", NO_FILE),
        ("multipart/mixed; boundary=edge", NO_FILE),
        ("application/x-www-form-urlencoded", NO_FILE),
        ("text/plain", NO_FILE),
        ("nonsense", NO_FILE),
        ("", NO_FILE),
    ],
)
def test_a_form_that_is_said_to_be_something_else_is_refused(site, content_type, text):
    body = TYPE + file(site.text().encode()) + b"--edge--\r\n"
    site.refused(site.post(FILE, body, content_type), 400, text)


@pytest.mark.parametrize("path", [FILE, DIRECT])
@pytest.mark.parametrize("length", ["many", "-1", "1.5", "²"])
def test_a_length_that_is_no_number_is_refused(site, path, length):
    answer = site.post(path, b"{}", "application/json", CONTENT_LENGTH=length)
    site.refused(answer, 400, "The Content-Length is not a number.")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "",
        "application/x-www-form-urlencoded",
        "x; charset=idna",
    ],
)
def test_a_submission_that_is_not_said_to_be_json_is_empty(site, content_type):
    answer = site.post(DIRECT, site.text().encode(), content_type)
    site.refused(answer, 400, f"{NO_GAME} The body was not read: send it with Content-")


def test_a_submission_that_is_a_form_is_empty(site):
    body = TYPE + file(site.text().encode()) + b"--edge--\r\n"
    answer = site.post(DIRECT, body, "multipart/form-data; boundary=edge")
    site.refused(answer, 400, f"{NO_GAME} The body was not read: send it with Content-")


def test_json_where_a_form_belongs_is_told_so(site):
    answer = site.post(FILE, site.text().encode(), "application/json")
    site.refused(answer, 400, f"{NO_FILE} Send a form (multipart/form-data)")


@pytest.mark.parametrize(
    ("content_type", "headers", "text"),
    [
        ("application/json; charset=utf-16", {}, "Send the JSON as UTF-8"),
        ("application/json; charset=idna", {}, "Send the JSON as UTF-8"),
        ("application/json", {"Content-Encoding": "gzip"}, "Send the JSON as it is"),
        ("application/json", {"Transfer-Encoding": "chunked"}, "Send a Content-Length"),
    ],
)
def test_an_encoding_that_is_not_understood_is_refused(
    site, content_type, headers, text
):
    answer = site.post(DIRECT, site.text().encode(), content_type, headers)
    site.refused(answer, 400, text)


@pytest.mark.parametrize("charset", "utf-16 utf-7 idna punycode rot13 bogus".split())
def test_a_form_is_utf8_whatever_charset_it_claims(site, charset):
    boundary = f"edge; charset={charset}"
    parts = [TYPE, file(site.text().encode()), field("comment", b"\xff\xfe+2AA-")]
    answer = site.post_form(*parts, boundary=boundary)
    site.refused(answer, 400, "The field 'comment' is not UTF-8: byte 0 of it")


@pytest.mark.parametrize(
    "disposition",
    [
        b'filename="a\0b.json"',
        b'filename="../../../etc/passwd"',
        b"filename*=utf-8''a%00b.json",
        b"filename*=utf-8''%ED%A0%80.json",
        b'filename="' + b"a" * 500 + b'.json"',
    ],
)
def test_a_strange_file_name_is_kept_as_far_as_it_can_be(site, disposition):
    data = site.text().encode()
    named = part(b'form-data; name="scoreData"; ' + disposition, data)
    assert site.post_form(TYPE, named).status_code == 200
    name = Import.objects.latest("pk").input.filename
    assert 0 < len(name) <= 255
    assert not set(name) & set("\0/")


def test_a_strange_client_is_kept_as_far_as_it_can_be(site, send):
    headers = {"User-Agent": "Hook\0" + "é" * 500, "X-User-Intent": "tr\0ue"}
    assert send(site.text(), headers=headers).status_code == 200
    import_ = Import.objects.latest("pk")
    assert import_.user_agent == "Hook" + "é" * 195
    assert import_.user_intent is False
