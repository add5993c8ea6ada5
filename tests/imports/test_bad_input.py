"""Whatever is sent for import: a clear answer, nothing stored, nothing lost."""

import json
import re

import pytest

from imports.models import Import, ImportInput, Orphan, State
from imports.tasks import run_import
from scores.models import Score
from tachi.accounts.models import ApiToken, AuthLevel
from tests.factories import make_token, make_user
from tests.world import HOUR, NOON, document, make_chart, make_import, play, state_of

pytestmark = pytest.mark.django_db

FILE = "/api/v1/import/file"
DIRECT = "/ir/direct-manual/import"
NO_FILE = "Expected a file for field scoreData."
BAD_FILE = "File provided was too large, corrupt, or provided in the wrong field."
NO_GAME = "Could not retrieve meta.game - is this valid BATCH-MANUAL?"
INNARDS = re.compile(
    r"Traceback|\.py\b|line \d+, in|psycopg|sqlite|django|DETAIL:|Error\b|Exception",
    re.IGNORECASE,
)
FAR_FUTURE = 4_000_000_000_000


class Site:
    """Somebody with an import of the past, who sends what should not be sent."""

    def __init__(self, client):
        self.client, self.chart = client, make_chart()
        self.player = make_user()
        self.token = make_token(self.player, "submit_score")
        make_import(self.player, play(self.chart, 8_000_000, NOON), play(4444))
        self.before = state_of(self.player)

    def document(self, **changes):
        """A good play, and one that is changed."""
        good = play(self.chart, 9_000_000, NOON + HOUR, comment="a good one")
        other = play(self.chart, 9_100_000, NOON + 2 * HOUR, comment="another")
        return document(good, {**other, **changes})

    def text(self, **changes):
        return json.dumps(self.document(**changes))

    def upload(self, content=b"{}", *parts, headers=None, **environment):
        form = [field("importType", b"file/batch-manual"), file(as_bytes(content))]
        return self.post_form(*form, *parts, headers=headers, **environment)

    def post_form(self, *parts, headers=None, boundary="edge", **environment):
        content_type = f"multipart/form-data; boundary={boundary}"
        body = b"".join(parts) + b"--edge--\r\n"
        return self.post(FILE, body, content_type, headers, **environment)

    def submit(self, content=b"{}", headers=None, **environment):
        body = as_bytes(content)
        return self.post(DIRECT, body, "application/json", headers, **environment)

    def post(self, path, body, content_type, headers=None, **environment):
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.generic(
            "POST", path, body, content_type, headers=headers, **environment
        )

    def refused(self, answer, status, text):
        """It was refused so; nothing came or went; and the next import is fine."""
        assert (answer.status_code, text_of(answer)[: len(text)]) == (status, text)
        assert answer["Content-Type"].startswith("application/json")
        assert set(answer.json()) == {"success", "description"}
        assert not INNARDS.search(answer.content.decode()), answer.content
        self.unharmed()

    def unharmed(self):
        assert state_of(self.player) == self.before
        assert not Import.objects.unfinished().exists()
        assert self.upload(self.text()).status_code == 200
        assert self.submit(self.text(score=9_200_000)).status_code == 200
        assert Score.objects.filter(user=self.player).count() == 4


def field(name, data, extra=b""):
    return part(f'form-data; name="{name}"', data, extra)


def file(data, filename="scores.json"):
    return part(f'form-data; name="scoreData"; filename="{filename}"', data)


def part(disposition, data, extra=b""):
    head = b"--edge\r\nContent-Disposition: " + as_bytes(disposition) + b"\r\n"
    return head + extra + b"\r\n" + data + b"\r\n"


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def text_of(answer):
    assert answer.json()["success"] is False
    return answer.json()["description"]


@pytest.fixture
def site(api, settings):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False
    api.client.raise_request_exception = False
    return Site(api.client)


@pytest.fixture(params=["upload", "submit"])
def send(request, site):
    """Send a text for import, by either entrance."""
    return getattr(site, request.param)


def nested(depth):
    return b'{"meta":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


NOT_JSON = {
    "no JSON": lambda text: b"score,lamp\r\n9000000,CLEAR",
    "white space": lambda text: b" \n",
    "cut off": lambda text: text[:-20],
    "twice": lambda text: text + text,
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "NaN": lambda text: text.replace(b"9100000", b"NaN"),
    "Infinity": lambda text: text.replace(b"9100000", b"Infinity"),
    "-Infinity": lambda text: text.replace(b"9100000", b"-Infinity"),
    "1e999": lambda text: text.replace(b"9100000", b"1e999"),
    "500 digits": lambda text: text.replace(b"9100000", b"1" * 500),
    "half of a pair": lambda text: text.replace(b"another", rb"\ud83d half"),
    "a pair the wrong way": lambda text: text.replace(b"another", rb"\udc00\ud800"),
    "arrays, deep": lambda text: b"[" * 100_000 + b"]" * 100_000,
    "objects, deep": lambda text: nested(100_000),
    "a bare NUL": lambda text: text.replace(b"another", b"a\0b"),
    "NUL in a comment": lambda text: text.replace(b"another", rb"a\u0000b"),
    "NUL in a service": lambda text: text.replace(b'"tests"', rb'"te\u0000sts"'),
    "NUL in an identifier": lambda text: re.sub(
        rb'"identifier": "', rb'"identifier": "\\u0000', text
    ),
    "NUL in a version": lambda text: text.replace(
        b'"meta": {', rb'"meta": {"version": "\u0000",'
    ),
    "NUL in a difficulty": lambda text: text.replace(b'"EXH"', rb'"EXH\u0000"'),
    "NUL in a lamp": lambda text: text.replace(b'"CLEAR"', rb'"CLEAR\u0000"'),
    "NUL in a key": lambda text: text.replace(b'"comment"', rb'"comment\u0000"'),
}


@pytest.mark.parametrize("spoil", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_that_can_be_kept_is_refused(site, send, spoil):
    text = site.text().encode()
    spoiled = spoil(text)
    assert spoiled != text
    site.refused(send(spoiled), 400, "Invalid JSON. (")


def test_an_empty_file_is_no_json_and_an_empty_body_is_no_document(site):
    site.refused(site.submit(b""), 400, NO_GAME)
    Score.objects.exclude(score_data__score=8_000_000).delete()
    assert text_of(site.upload(b"")).startswith("Invalid JSON. (")


@pytest.mark.parametrize(
    ("root", "kind"),
    [("null", "null"), ('"hello"', "string"), ("5", "number"), ("true", "boolean")],
)
def test_a_document_is_an_object(site, root, kind):
    answer = site.submit(root)
    assert text_of(answer) == "Invalid JSON. (Expected an object or an array)"
    text = f"Invalid BATCH-MANUAL (Not an object, received {kind}.)"
    site.refused(site.upload(root), 400, text)


def meta(**changes):
    said = {"game": "sdvx", "playtype": "Single", "service": "tests", **changes}
    kept = {name: value for name, value in said.items() if value is not ...}
    return json.dumps({"meta": kept, "scores": []})


SERVICE = "Invalid BATCH-MANUAL: meta.service | Expected a string with length "


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", NO_GAME),
        ("[1, 2]", NO_GAME),
        ("{}", NO_GAME),
        ('{"meta": null}', NO_GAME),
        ('{"meta": "sdvx", "scores": []}', NO_GAME),
        (meta(game=...), NO_GAME),
        (meta(playtype=...), NO_GAME.replace("game", "playtype")),
        (meta(game="chess"), "Invalid game 'chess' - expected any of iidx, museca, "),
        (meta(game=5), "Invalid game '5' - expected any of "),
        (meta(game=["sdvx"]), "Invalid game '"),
        (meta(game={"a": 1}), "Invalid game '"),
        (meta(game="x" * 9000), "Invalid game 'xxx"),
        (meta(playtype="DP"), "Invalid playtype 'DP' - expected any of Single."),
        (meta(playtype=None), "Invalid playtype '"),
        (meta(playtype=[]), "Invalid playtype '"),
        (
            meta(service="ab"),
            SERVICE + "between 3 and 60. | Received ab [type: string].",
        ),
        (meta(service="x" * 61), SERVICE),
        (meta(service=None), SERVICE),
        (meta(version=5), "Invalid BATCH-MANUAL: meta.version | "),
        (meta(zzz=1), "Invalid BATCH-MANUAL: meta | Unexpected properties"),
        (
            meta().replace("[]", "{}"),
            "Invalid BATCH-MANUAL: scores | Value was not an array..",
        ),
        (meta().replace("[]", "[null]"), "Invalid BATCH-MANUAL: scores[0] | Object "),
        (meta().replace("[]", "[[]]"), "Invalid BATCH-MANUAL: scores[0] | Object "),
        (meta()[:-1] + ', "zzz": 1}', "Invalid BATCH-MANUAL: null | Unexpected "),
        (meta()[:-1] + ', "classes": {"dan": "X"}}', "Invalid BATCH-MANUAL: classes"),
        (meta()[:-1] + ', "classes": 5}', "Invalid BATCH-MANUAL: classes"),
        (meta()[:-1] + f', "a": {"[" * 100 + "]" * 100}}}', "Invalid BATCH-MANUAL: "),
    ],
)
def test_a_document_of_another_shape_is_refused(site, send, text, reason):
    site.refused(send(text), 400, reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"score": "9100000"},
            "score | Expected an integer. | Received 9100000 [type: s",
        ),
        (
            {"score": True},
            "score | Expected an integer. | Received true [type: boolean].",
        ),
        ({"score": 1.5}, "score | Expected an integer. | Received 1.5 [type: number]."),
        ({"score": 2**53}, "score | Expected "),
        ({"score": 2**64}, "score | Expected "),
        ({"score": 10**300}, "score | Expected "),
        (
            {"score": -1},
            "score | Expected a number between 0 and 10000000. | Received -",
        ),
        ({"score": None}, "score | Expected "),
        ({"lamp": 1}, "lamp | Expected any of FAILED, CLEAR, "),
        ({"timeAchieved": str(NOON)}, "timeAchieved | Expected a number greater than "),
        ({"timeAchieved": True}, "timeAchieved | Expected a number greater than "),
        ({"timeAchieved": NOON // 1000}, "timeAchieved | Expected a number greater "),
        (
            {"timeAchieved": -(10**300)},
            "timeAchieved | Expected a number greater than ",
        ),
        (
            {"judgements": {"near": "1"}},
            "judgements | Key near had an invalid value of ",
        ),
        ({"judgements": {"near": True}}, "judgements | Key near had an invalid value "),
        (
            {"judgements": {"near": 10**30}},
            "judgements | Key near had an invalid value ",
        ),
        ({"optional": {"gauge": "50"}}, "optional.gauge | Expected "),
        ({"optional": {"gauge": False}}, "optional.gauge | Expected "),
        ({"optional": {"fast": 10**30}}, "optional.fast | Expected an integer. | Rec"),
        ({"optional": {"exScore": 1e300}}, "optional.exScore | Expected "),
        (
            {"identifier": 5},
            "identifier | Expected string. | Received 5 [type: number].",
        ),
        ({"matchType": "zzz"}, "matchType | Expected any of "),
        ({"scoreMeta": {"a": {"b": [{}]}}}, "scoreMeta | ["),
    ],
)
def test_one_malformed_row_refuses_the_whole_document(site, send, changes, reason):
    text = f"Invalid BATCH-MANUAL: scores[1].{reason}"
    site.refused(send(site.text(**changes)), 400, text)


@pytest.mark.parametrize(
    ("changes", "type_"),
    [
        ({"timeAchieved": FAR_FUTURE}, "InvalidDatapoint"),
        ({"timeAchieved": 2**63}, "InvalidDatapoint"),
        ({"timeAchieved": 1e300}, "InvalidDatapoint"),
        ({"identifier": "5555"}, "SongOrChartNotFound"),
        ({"identifier": ""}, "SongOrChartNotFound"),
        ({"identifier": "9" * 5000}, "SongOrChartNotFound"),
        ({"identifier": "Infinity"}, "SongOrChartNotFound"),
        ({"identifier": "-1"}, "SongOrChartNotFound"),
        ({"difficulty": "x" * 5000}, None),
        ({"matchType": "sdvxInGameID", "identifier": "9" * 400}, "SongOrChartNotFound"),
        ({"matchType": "sdvxInGameID", "identifier": "1e999"}, None),
        ({"matchType": "songTitle", "identifier": "x" * 50_000}, None),
        ({"matchType": "bmsChartHash"}, "InvalidDatapoint"),
        ({"lamp": "PERFECT ULTIMATE CHAIN"}, "InvalidDatapoint"),
    ],
)
def test_one_impossible_row_is_told_and_changes_no_other(site, send, changes, type_):
    answer = send(site.text(**changes))
    body = answer.json()["body"]
    assert answer.status_code == 200
    (error,) = body["errors"]
    assert error["type"] == (type_ or error["type"])
    assert error["message"]
    assert not INNARDS.search(answer.content.decode())
    score = Score.objects.get(score_id=body["scoreIDs"][0])
    assert (score.comment, score.score_data["score"]) == ("a good one", 9_000_000)
    assert body["counts"]["total"] == 2
    assert Score.objects.count() == 2


def test_a_fraction_of_a_millisecond_is_no_reason_to_refuse(site, send):
    assert send(site.text(timeAchieved=NOON + 0.5)).status_code == 200
    assert Score.objects.filter(time_achieved=NOON).count() == 2


def test_no_rows_are_an_import_of_nothing(site, send):
    answer = send(json.dumps(document()))
    assert answer.status_code == 200
    assert answer.json()["body"]["scoreIDs"] == answer.json()["body"]["errors"] == []
    assert answer.json()["body"]["counts"]["total"] == 0
    site.unharmed()


def test_no_rows_have_no_time_to_infer(site):
    headers = {"X-Infer-Score-TimeAchieved": "true"}
    assert site.submit(json.dumps(document()), headers=headers).status_code == 200
    site.unharmed()


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
TYPE = field("importType", b"file/batch-manual")


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
    site.refused(site.post(DIRECT, site.text().encode(), content_type), 400, NO_GAME)


def test_a_submission_that_is_a_form_is_empty(site):
    body = TYPE + file(site.text().encode()) + b"--edge--\r\n"
    answer = site.post(DIRECT, body, "multipart/form-data; boundary=edge")
    site.refused(answer, 400, NO_GAME)


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
    assert site.post_form(*parts, boundary=boundary).status_code == 200
    sent = Import.objects.latest("pk").input
    assert sent.parameters == {"comment": "\ufffd\ufffd+2AA-"}


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


QUEUED = {
    "no JSON": lambda site: b"{nonsense",
    "empty": lambda site: b"",
    "BOM": lambda site: b"\xef\xbb\xbf{}",
    "NUL": lambda site: site.text(comment="a\0b").encode(),
    "half of a pair": lambda site: site.text(comment="\ud83d half").encode(),
    "no object": lambda site: b"null",
    "deep": lambda site: nested(100_000),
    "unknown game": lambda site: meta(game="chess").encode(),
    "unknown playtype": lambda site: meta(playtype="DP").encode(),
    "a malformed row": lambda site: site.text(score=True).encode(),
}


@pytest.mark.parametrize("content", QUEUED.values(), ids=QUEUED)
def test_who_polls_is_told_what_a_request_would_have_been(site, settings, content):
    content = content(site)
    inline = site.upload(content)
    settings.IMPORT_INLINE = False

    queued = site.upload(content)
    assert queued.status_code == 202
    run_import(Import.objects.latest("pk").pk)

    polled = site.client.get(queued.json()["body"]["url"])
    assert polled.status_code == inline.status_code == 400
    assert polled.json() == inline.json()
    settings.IMPORT_INLINE = True
    site.refused(polled, 400, text_of(inline))


def test_a_submission_that_fails_in_a_worker_is_told_as_well(site, settings):
    settings.IMPORT_INLINE = False
    queued = site.submit(site.text(score="many"))
    assert queued.status_code == 202
    run_import(Import.objects.latest("pk").pk)
    polled = site.client.get(queued.json()["body"]["url"])
    settings.IMPORT_INLINE = True
    text = (
        "Invalid BATCH-MANUAL: scores[1].score | Expected an integer. | Received many"
    )
    site.refused(polled, 400, text)


def test_what_is_wrong_with_the_request_is_told_at_once_with_a_worker_too(
    site, settings
):
    settings.IMPORT_INLINE = False
    for answer in (
        site.post_form(TYPE),
        site.upload(b"x" * 16 * MIB),
        site.submit(b"{bad"),
        site.submit(b"{}", headers={"Authorization": "Token x"}),
    ):
        assert answer.status_code == 400
    assert Import.objects.count() == 1
    settings.IMPORT_INLINE = True
    site.unharmed()


def test_what_failed_is_on_record_for_operators(site):
    site.upload(site.text(score=True))
    failed = Import.objects.get(state=State.FAILED)
    assert failed.input.payload
    assert failed.error_status == 400
    assert "scores[1].score" in failed.error_text
    assert not Orphan.objects.filter(source_import=failed).exists()
