"""Documents that are not what they should be, by either entrance: a clear answer,
nothing stored, nothing lost."""

import json
import re

import pytest

from imports.models import Import, ImportInput, Orphan, State
from imports.tasks import run_import
from scores.models import Score
from tests.factories import NOON, document
from tests.imports.site import INNARDS, TYPE, text_of

pytestmark = pytest.mark.django_db

NO_GAME = "Could not retrieve meta.game - is this valid BATCH-MANUAL?"
FAR_FUTURE = 4_000_000_000_000  # unix milliseconds
MIB = 1024 * 1024


def nested(depth):
    return b'{"meta":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


NOT_JSON = {
    "no JSON": lambda text: b"score,lamp\r\n9000000,CLEAR",
    "white space": lambda text: b" \n",
    "cut off": lambda text: text[:-20],
    "twice": lambda text: text + text,
    "UTF-16 without a mark": lambda text: text.decode().encode("utf-16-le"),
    "Shift JIS": lambda text: text.replace(b"another", "譜面".encode("cp932")),
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
        (meta(game="iidx", playtype=...), NO_GAME.replace("game", "playtype")),
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
            {"identifier": True},
            "identifier | Expected string. | Received true [type: boolean].",
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
        ({"identifier": ""}, None),
        ({"identifier": "9" * 1000}, None),
        ({"identifier": "Infinity"}, None),
        ({"identifier": "-1"}, None),
        ({"difficulty": "x" * 100}, None),
        ({"matchType": "sdvxInGameID", "identifier": "9" * 400}, "SongOrChartNotFound"),
        ({"matchType": "sdvxInGameID", "identifier": "1e999"}, None),
        ({"matchType": "songTitle", "identifier": "x" * 1000}, None),
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
    assert not ImportInput.objects.filter(of_import=failed).exists()
    assert failed.error_status == 400
    assert "scores[1].score" in failed.error_text
    assert not Orphan.objects.filter(source_import=failed).exists()
