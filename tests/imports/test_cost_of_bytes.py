"""16 MiB of any bytes cost at most 2 s and 300 MB until they are refused or read."""

import pytest

from tachi.accounts.models import Permission
from tests.attacks.marks import on_linux
from tests.attacks.measured_request import MEGABYTE, measured
from tests.factories import make_token, make_user
from tests.imports.hostile_bytes import HOSTILE
from tests.imports.site import DIRECT, FILE, INNARDS, TYPE, part

pytestmark = [pytest.mark.slow, on_linux]

SECONDS, MEGABYTES = 2, 300
ENDED_AFTER = {"cpu_limit": 15, "memory_limit": 2_000}  # hard
ROUNDS = 3  # on a busy machine everything takes longer now and then
UPLOAD, BODY = 16 * MEGABYTE - 4096, 4 * MEGABYTE - 4096
#: What the parser of a body has to be afraid of; the reader of an upload, of all.
BODIES = (
    "objects with an empty key",
    "empty lists",
    "lists in a list",
    "the last row of very many is wrong",
    "many keys",
    "deep lists",
    "one text of backslashes",
    "one text of escaped NULs",
    "one text of escapes that are almost NULs",
    "one long number",
)
FORM = "multipart/form-data; boundary=edge"


@pytest.fixture(scope="module")
def token(database_url):
    return make_token(make_user(), *Permission.values)


@pytest.fixture
def answered_cheaply(tmp_path, database_url):
    """Send bytes, and see them answered within the bounds; returns the status."""

    def send(path, body, content_type="application/json", token="", method="POST"):
        file = tmp_path / "body"
        file.write_bytes(body)
        request = {
            "method": method,
            "path": path,
            "content_type": content_type,
            "token": token,
            "file": str(file),
            **ENDED_AFTER,
        }
        found = []
        for _ in range(ROUNDS):
            found.append(measured(database_url, request, IMPORT_INLINE="on"))
            if is_quick(found[-1]) or not is_small(found[-1]):
                break
        last = found[-1]
        told = [(each["seconds"], each["bytes"]) for each in found]
        assert last["status"] is not None, f"ended: {last['body']}"
        assert last["status"] < 500, (last["status"], last["body"][:300], told)
        assert not INNARDS.search(last["body"])
        assert is_small(last) and is_quick(last), told
        return last["status"]

    return send


def is_small(found):
    return found["bytes"] is not None and found["bytes"] <= MEGABYTES * MEGABYTE


def is_quick(found):
    return found["seconds"] is not None and found["seconds"] <= SECONDS


def form(data):
    scores = part('form-data; name="scoreData"; filename="scores.json"', data)
    return TYPE + scores + b"--edge--\r\n"


@pytest.mark.parametrize("bytes_", HOSTILE)
def test_an_upload_is_read_or_refused_cheaply(answered_cheaply, token, bytes_):
    body = form(HOSTILE[bytes_](UPLOAD))
    assert answered_cheaply(FILE, body, FORM, token) == 400


@pytest.mark.parametrize("bytes_", BODIES)
def test_a_body_is_read_or_refused_cheaply(answered_cheaply, token, bytes_):
    assert answered_cheaply(DIRECT, HOSTILE[bytes_](BODY), token=token) == 400


def test_a_body_beyond_every_limit_is_refused_cheaply(answered_cheaply, token):
    body = HOSTILE["empty lists"](UPLOAD)
    assert answered_cheaply(DIRECT, body, token=token) == 413


@pytest.mark.parametrize(
    "body",
    [
        b"--edge\r\n\r\n" * (UPLOAD // 10),
        TYPE * (UPLOAD // len(TYPE)) + b"--edge--\r\n",
        b"--edge\r\n" + b"A: b\r\n" * (UPLOAD // 6) + b"\r\n--edge--\r\n",
        form(b"\r\n--edg" * (UPLOAD // 7)),
        form(b"-" * UPLOAD),
        form(b"\r\n" * (UPLOAD // 2)),
        b"-" * UPLOAD,
    ],
    ids=[
        "empty parts",
        "fields",
        "lines of one head",
        "almost boundaries",
        "dashes",
        "empty lines",
        "nothing but dashes",
    ],
)
def test_a_form_is_taken_apart_or_refused_cheaply(answered_cheaply, token, body):
    assert answered_cheaply(FILE, body, FORM, token) == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/status"),
        ("POST", "/api/v1/auth/login"),
        ("POST", "/api/v1/nothing"),
        ("POST", "/api/v1/import/orphans"),
        ("PATCH", "/api/v1/scores/T0"),
        ("DELETE", "/api/v1/scores/T0"),
        ("POST", DIRECT),
        ("POST", "/ir/nothing"),
    ],
)
def test_nobody_is_heard_out_at_length(answered_cheaply, method, path):
    answered_cheaply(path, HOSTILE["lists in a list"](BODY), method=method)
