from functools import partial
from io import BytesIO

import pytest

from tachi.accounts.models import Permission
from tachi.api import parsing
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

STATUS = "/api/v1/status"


@pytest.mark.parametrize(
    "body",
    [
        "{bad",
        " ",
        '"text"',
        "1",
        "true",
        "null",
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":1e999}',
        '{"a":1,}',
        r'{"a":"\ud800"}',
        r'{"a":"\udc00\ud800"}',
        r'{"a":"x\u0000y"}',
        r'{"a\u0000":1}',
        r'{"a":"\\\u0000"}',
        b'{"a":"\xff"}',
        b'{"a":"\x00"}',
        "[" * 400 + "]" * 400,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_what_is_not_json_that_can_be_kept_is_a_400(api, body):
    response = api.post(STATUS, body)

    assert response.status_code == 400
    assert response.json()["success"] is False
    assert response.json()["description"].startswith("Invalid JSON. (")


@pytest.mark.parametrize(
    "body",
    ["{}", "[]", "", '{"echo":"😀"}', r'{"a":"\\u0000"}', r'{"a":"\ud83d\ude00"}'],
)
def test_objects_and_arrays_and_nothing_at_all_are_bodies(api, body):
    assert api.post(STATUS, body).status_code == 200


def test_a_body_is_refused_before_the_token_and_the_path_are_looked_at(api):
    for path in [STATUS, "/api/v1/nothing", "/ir/nothing"]:
        for method in ["GET", "POST", "DELETE"]:
            response = api.send(method, path, body="{bad", token="unknown")

            assert response.status_code == 400
            assert response.json()["description"].startswith("Invalid JSON.")


def test_a_long_body_is_parsed_only_for_who_may_send_it(api):
    token = make_token(make_user(), *Permission.values)
    body, path = '{"a":' + " " * 100_000 + "bad", "/ir/direct-manual/import"
    for send, status in [
        (partial(api.post, path), 401),
        (partial(api.post, path, token="unknown"), 401),
        (partial(api.post, "/api/v1/nothing"), 404),
        (partial(api.post, path, token=token), 400),
    ]:
        response = send(body=body)
        assert response.status_code == status
        told = response.json()["description"]
        assert told.startswith("Invalid JSON.") is (status == 400)


@pytest.mark.parametrize(
    ("value", "many"),
    [
        ("[],", "320,000 of the characters [ and {"),
        ('{"":0},', "320,000 of the characters [ and {"),
        ("0,", "2,000,000 of the characters ,"),
    ],
)
def test_more_values_than_memory_should_hold_are_refused_unread(api, value, many):
    response = api.post(STATUS, "[" + value * (4_190_000 // len(value)) + "bad")
    assert response.status_code == 400
    told = response.json()["description"]
    assert told == f"Invalid JSON. (It has more than {many})"


def test_a_list_of_many_numbers_is_read(api):
    assert api.post(STATUS, "[" + "0," * 1_999_999 + "0]").status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=UTF-8"],
)
def test_json_is_told_by_its_content_type(api, content_type):
    response = api.post(STATUS, '{"echo":"x"}', content_type=content_type)

    assert response.json()["body"]["echo"] == "x"


def test_other_charsets_and_encodings_are_refused_clearly(api):
    latin = "application/json; charset=iso-8859-1"
    response = api.post(STATUS, "{}", content_type=latin)
    assert (response.status_code, "UTF-8" in response.json()["description"]) == (400, 1)

    response = api.post(STATUS, "{}", headers={"Content-Encoding": "gzip"})
    assert response.status_code == 400
    assert "Content-Encoding" in response.json()["description"]

    response = api.post(STATUS, "{}", headers={"Transfer-Encoding": "chunked"})
    assert response.status_code == 400
    assert "Content-Length" in response.json()["description"]


def test_four_mebibytes_are_enough_and_one_byte_more_is_too_much(api):
    limit = 4 * 1024 * 1024
    padding = limit - len('{"a":""}')

    assert api.post(STATUS, '{"a":"%s"}' % ("x" * padding)).status_code == 200
    response = api.post(STATUS, '{"a":"%s"}' % ("x" * (padding + 1)))

    assert response.status_code == 413
    assert "too large" in response.json()["description"]


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        (STATUS, "application/json", 413),
        (STATUS, "text/plain", 200),
        ("/api/v1/nothing-here", "text/plain", 404),
        ("/api/v1/import/file", "multipart/form-data; boundary=x", 401),
    ],
)
def test_a_body_is_read_to_its_end_before_it_is_answered(
    api, path, content_type, status
):
    sent = BytesIO(b"x" * (5 * 1024 * 1024))
    stream = {"wsgi.input": sent, "CONTENT_LENGTH": len(sent.getvalue())}

    response = api.post(path, b"x", content_type=content_type, **stream)

    assert response.status_code == status
    assert sent.read() == b""


def test_a_body_beyond_every_limit_is_not_read(api):
    sent = BytesIO(b"x")
    stream = {"wsgi.input": sent, "CONTENT_LENGTH": 10**9}

    assert api.post(STATUS, b"x", **stream).status_code == 413
    assert sent.read() == b"x"


def test_the_error_says_where_it_is():
    with pytest.raises(Exception, match="line 2 column 1"):
        parsing.parse(b'{"a":\n}')


@pytest.mark.parametrize("path", ["/api/v1/users/a%00b", "/api/v1/users?search=a%00"])
def test_a_nul_in_the_address_is_a_400(api, path):
    response = api.get(path)

    assert response.status_code == 400
    assert "NUL" in response.json()["description"]
