import json
import re

import pytest
from jsonschema import Draft202012Validator

from imports.formats import get_format
from imports.formats.base import Draft, Failure, ImportRefused, Input
from imports.formats.batch_manual_schema import json_schema
from imports.formats.orphans import orphan_id
from scores.games import GAMES, get_game
from scores.rules.completion import Rejected
from tests.factories import make_chart, play
from tests.seeds import store_seeds
from tests.shared_data import needs_shared_data, shared_json

RECEIVED = 1_735_689_600_000
SCORE = {
    "score": 9_000_000,
    "lamp": "CLEAR",
    "matchType": "tachiSongID",
    "identifier": "1",
    "difficulty": "EXH",
}


def make_document(*scores, **rest):
    meta = {"game": "sdvx", "playtype": "Single", "service": "Some Tool"}
    return {"meta": meta, "scores": list(scores), **rest}


def parse(document, import_type="file/batch-manual", **parameters):
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    sent = Input(payload, parameters=parameters, received_at=RECEIVED)
    return get_format(import_type).parse(sent)


def refusal(document, *args, **parameters):
    with pytest.raises(ImportRefused) as caught:
        parse(document, *args, **parameters)
    assert caught.value.status == 400
    return caught.value.text


def refusal_of_score(**changes):
    return refusal(make_document(SCORE | changes))


def golden_steps(name):
    return [
        step
        for step in shared_json(f"golden/{name}.json")["steps"]
        if sent_document(step["request"]) is not NOTHING
    ]


NOTHING = object()
ONE_PLAYTYPE = "meta: playtype missing"  # which we understand: sdvx has one only


def sent_document(request):
    if "multipart" in request:
        return request["multipart"].get("scoreData", {}).get("json", NOTHING)
    return request["json"] if "/direct-manual/" in request["path"] else NOTHING


def import_type_of(request):
    direct = request["path"] == "/ir/direct-manual/import"
    return "ir/direct-manual" if direct else "file/batch-manual"


@needs_shared_data
@pytest.mark.parametrize(
    "name", ["s03-sdvx-errors", "s05-classes", "s12-direct-manual"]
)
def test_a_refused_document_gets_the_words_of_the_original(name):
    refused = [
        step
        for step in golden_steps(name)
        if step["response"]["status"] == 400 and step["name"] != ONE_PLAYTYPE
    ]
    assert refused
    for step in refused:
        request, said = step["request"], step["response"]["body"]["description"]
        infer = "X-Infer-Score-TimeAchieved" in request["headers"]
        document = sent_document(request)
        if '"identifier": 5' in json.dumps(document):
            continue  # a number is its text
        text = refusal(document, import_type_of(request), infer=infer)
        assert text.startswith(said), step["name"]  # and what may help after it


DIFFICULTIES = "There are NOV, ADV, EXH, INF, GRV, HVN, VVD, XCD, MXM, ULT."
NO_DIFFICULTY = "Missing 'difficulty' field, but was necessary for this lookup."
#: What the original says of a row, and what we say, which names what there is instead;
#: without the quotes that stand around what was received.
SAID_OTHERWISE = {
    (
        "Multiple songs exist with the case-insensitive title Prayer. We cannot"
        " resolve this. Please try adding an artist field."
    ): (
        "The title Prayer is that of 2 songs: Prayer by ぺのれり (songID 803), Prayer"
        " by 溝口ゆうま feat. 大瀬良あい (songID 2129). Add the artist, or use"
        " matchType tachiSongID with the songID of the one you mean."
    ),
    "Cannot find song with title prayer.": (
        "Cannot find song with title prayer and artist nobody: that title is by"
        " ぺのれり or 溝口ゆうま feat. 大瀬良あい."
    ),
    (
        "Invalid Difficulty for sdvx Single - Expected any of NOV, ADV, EXH, INF, GRV,"
        " HVN, VVD, XCD, MXM, ULT (Got NOTADIFF)"
    ): f"Invalid difficulty NOTADIFF for SOUND VOLTEX. {DIFFICULTIES}",
    NO_DIFFICULTY: f"{NO_DIFFICULTY} {DIFFICULTIES}",
    "Cannot find SDVX chart with inGameID 424242, difficulty MXM and version null.": (
        "Cannot find chart with inGameID 424242 (Single MXM)."
    ),
}


@needs_shared_data
@pytest.mark.django_db
def test_a_refused_score_gets_the_words_of_the_original_or_better_ones():
    store_seeds("seeds/collections", "sdvx")
    for step in golden_steps("s03-sdvx-errors")[:5]:
        said = step["response"]["body"]["body"]["errors"]
        expected = [
            SAID_OTHERWISE.get(error["message"], error["message"])
            for error in said
            if "in the future" not in error["message"]
        ]
        document = sent_document(step["request"])
        if "nosuchversion" not in json.dumps(document):  # of which we say it
            ours = [message.replace('"', "") for message in messages(document)]
            assert ours == expected


def messages(document):
    parsed = parse(document)
    outcomes = get_format("file/batch-manual").convert(parsed.entries, parsed.context)
    return [message for each in outcomes if (message := message_of(each))]


def message_of(outcome):
    if isinstance(outcome, Failure):
        return outcome.message
    game = GAMES[outcome.chart.gpt]
    [completed] = game.complete([(outcome.score_data, outcome.chart)])
    return completed.message if isinstance(completed, Rejected) else None


@needs_shared_data
def test_an_orphan_has_the_id_of_the_original():
    states = shared_json("golden/s03-sdvx-errors.json")["states"]
    orphans = [each for state in states.values() for each in state["orphan-scores"]]
    assert orphans
    for orphan in orphans:
        told = [orphan[key] for key in ("importType", "data", "context", "userID")]
        assert orphan_id(*told) == orphan["orphanID"]


def test_the_id_of_an_orphan_does_not_depend_on_the_order_of_keys():
    first = orphan_id(
        "ir/direct-manual", {"a": 1.0, "ｚ": [{"b": "é"}]}, {"x": None}, 1
    )
    second = orphan_id("ir/direct-manual", {"ｚ": [{"b": "é"}], "a": 1}, {"x": None}, 1)
    other = orphan_id("ir/direct-manual", {"ｚ": [{"b": "e"}], "a": 1}, {"x": None}, 1)
    assert first == second != other


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b'{"meta": ',
        b"\xff\xfe{}",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b'["\\ud800"]',
        b'["\\udc00\\ud800"]',
        b'["\\u0000"]',
        b'{"\\u0000": 1}',
        b'["\x00"]',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"{} {}",
        b"{'meta': 1}",
    ],
)
def test_what_is_no_json_is_refused(payload):
    assert refusal(payload).startswith("Invalid JSON. (")


def test_a_text_that_only_spells_the_escape_of_nul_is_accepted():
    parsed = parse(make_document(SCORE | {"comment": r"see \u0000"}))
    assert parsed.entries[0]["comment"] == r"see \u0000"


def test_bytes_that_are_no_utf8_are_refused_with_their_place():
    payload = json.dumps(make_document(SCORE | {"comment": "????"}))
    spoiled = payload.encode().replace(b"????", b"a\xffb\xc3")
    assert f"byte {spoiled.index(255)} (0xFF)" in refusal(spoiled)


@pytest.mark.parametrize("root", [None, 5, "text", True, [], {}, {"meta": []}])
def test_a_document_of_another_shape_is_refused(root):
    assert "BATCH-MANUAL" in refusal(root)


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 2**53},
        {"score": 10**30},
        {"score": True},
        {"score": "9000000"},
        {"score": [9000000]},
        {"score": None},
        {"lamp": ["CLEAR"]},
        {"lamp": None},
        {"matchType": {}},
        {"identifier": True},
        {"identifier": 2**53},
        {"identifier": None},
        {"difficulty": 1},
        {"difficulty": []},
        {"artist": False},
        {"timeAchieved": True},
        {"timeAchieved": -1},
        {"timeAchieved": 1_700_000_000},
        {"timeAchieved": []},
        {"comment": ""},
        {"comment": "ab"},
        {"comment": 5},
        {"judgements": []},
        {"judgements": "near"},
        {"judgements": {"near": 1.5}},
        {"judgements": {"near": True}},
        {"judgements": {"near": []}},
        {"judgements": {"near": 2**53}},
        {"optional": []},
        {"optional": {"gauge": "50"}},
        {"optional": {"gauge": True}},
        {"optional": {"gauge": 101}},
        {"optional": {"enumIndexes": {}}},
        {"hitMeta": {"unheard": 1}},
        {"scoreMeta": []},
        {"scoreMeta": {"unheard": None}},
        {"enumIndexes": {}},
    ],
)
def test_a_malformed_score_refuses_the_document(changes):
    text = refusal_of_score(**changes)
    assert text.startswith("Invalid BATCH-MANUAL: scores[0]")
    assert next(iter(changes)) in text


def test_a_problem_says_what_was_received():
    prefix = "Invalid BATCH-MANUAL: scores[0]"
    assert refusal_of_score(score=True) == (
        f"{prefix}.score | Expected an integer. | Received true [type: boolean]."
    )
    assert refusal_of_score(identifier=None) == (
        f"{prefix}.identifier | Expected string. | Received null [type: null]."
    )
    assert refusal_of_score(comment=["abc"]) == (
        f"{prefix}.comment | Expected a string with length between 3 and 240.."
    )


@pytest.mark.parametrize("name", ["difficulty", "artist"])
def test_what_may_be_left_out_is_asked_for_in_plain_words(name):
    assert refusal_of_score(**{name: 5}) == (
        f"Invalid BATCH-MANUAL: scores[0].{name}"
        " | Expected a string, null or no value. | Received 5 [type: number]."
    )


def test_the_first_wrong_judgement_is_that_of_the_sender():
    assert "Key near had" in refusal_of_score(judgements={"near": -1, "critical": -1})
    assert "Invalid Key a." in refusal_of_score(judgements={"a": 0, "critical": -1})


def test_everything_wrong_with_a_score_meta_is_told_at_once():
    score = {
        "score": 500,
        "lamp": "CLEAR",
        "matchType": "bmsChartHash",
        "identifier": "abc",
        "scoreMeta": {"a.b": 1, "random": ["RANDOM", "X"], "gauge": 5, "c": 1},
    }
    meta = {"game": "bms", "playtype": "14K", "service": "Some Tool"}
    text = refusal({"meta": meta, "scores": [score]})
    prefix = "Invalid BATCH-MANUAL: scores[0].scoreMeta | "
    assert text.startswith(prefix)
    assert json.loads(text.removeprefix(prefix).removesuffix(".")) == [
        {"code": "custom", "path": ["random", "1"], "message": "Invalid input"},
        {"code": "custom", "path": ["gauge"], "message": "Invalid input"},
        {
            "code": "unrecognized_keys",
            "keys": ["a.b", "c"],
            "path": [],
            "message": "Unrecognized key(s) in object: 'a.b', 'c'",
        },
    ]


DEEP = "something deep"


@pytest.mark.parametrize(
    "document",
    [
        {"meta": {"game": DEEP, "playtype": "Single"}},
        {"meta": {"game": "sdvx", "playtype": DEEP}},
        make_document(SCORE | {"identifier": DEEP}),
        make_document(SCORE | {"comment": DEEP}),
        make_document(SCORE | {"judgements": {"near": DEEP}}),
        make_document(SCORE | {"optional": {"gauge": DEEP}}),
        make_document(SCORE | {"scoreMeta": {"a": DEEP}}),
        make_document(SCORE | {"a": DEEP}),
    ],
)
def test_no_nesting_is_too_deep_to_be_refused(document):
    text = json.dumps(document)
    payload = text.replace(json.dumps(DEEP), "[" * 1000 + "]" * 1000).encode()
    assert re.match("Invalid (BATCH-MANUAL|game|playtype)", refusal(payload))


def test_three_problems_are_described_and_all_are_listed():
    right, wrong = SCORE, SCORE | {"lamp": "X", "score": "Y"}
    with pytest.raises(ImportRefused) as caught:
        parse(make_document(right, wrong, wrong, wrong))
    assert [each["path"] for each in caught.value.problems] == [
        f"scores[{i}].{name}" for i in (1, 2, 3) for name in ("score", "lamp")
    ]
    text = caught.value.text
    assert "scores[2].score" in text and "scores[2].lamp" not in text
    assert text.endswith(" And 3 more.")


def test_an_endless_value_is_not_sent_back_whole():
    assert len(refusal_of_score(comment="x" * 1_000_000)) == 2000
    assert len(refusal_of_score(**{"k" * 1_000_000: 1})) == 2000


def test_the_point_of_a_graph_that_offends_is_named():
    document = {
        "meta": {"game": "iidx", "playtype": "SP", "service": "Some Tool"},
        "scores": [
            {
                "score": 500,
                "lamp": "CLEAR",
                "matchType": "inGameID",
                "identifier": "1001",
                "optional": {"gaugeHistory": [50, None, 101]},
            }
        ],
    }
    assert refusal(document) == (
        "Invalid BATCH-MANUAL: scores[0].optional.gaugeHistory[2]"
        " | Expected a number between 0 and 100. | Received 101 [type: number]."
    )


def test_lengths_are_counted_in_utf16_code_units():
    assert parse(make_document(SCORE | {"comment": "😀" * 120}))
    assert "scores[0].comment" in refusal_of_score(comment="😀" * 121)


def test_a_whole_number_may_be_written_with_a_point():
    payload = json.dumps(make_document(SCORE)).replace("9000000", "9000000.0")
    assert parse(payload.encode()).entries[0]["score"] == 9_000_000


def test_classes_are_those_of_the_document_that_are_not_null():
    assert parse(make_document(classes={"dan": "DAN_10"})).classes == {
        "sdvx:Single": {"dan": "DAN_10"}
    }
    assert parse(make_document(classes={"dan": None})).classes == {}
    assert parse(make_document(classes=None)).classes == {}


def test_the_context_is_what_the_conversion_needs_of_the_document():
    parsed = parse(make_document(SCORE))
    assert parsed.service == "Some Tool"
    assert parsed.context == {
        "service": "Some Tool",
        "game": "sdvx",
        "playtype": "Single",
        "version": None,
    }


@pytest.mark.parametrize("time", [None, 0])
def test_an_untimed_score_takes_the_time_of_its_request(time):
    document = make_document(SCORE | {"timeAchieved": time})
    parsed = parse(document, "ir/direct-manual", infer=True)
    assert parsed.entries[0]["timeAchieved"] == RECEIVED


def test_a_request_without_scores_has_no_time_to_infer():
    document = make_document(classes={"dan": "INF"})
    assert parse(document, "ir/direct-manual", infer=True).entries == []


def test_an_upload_never_infers_a_time():
    parsed = parse(make_document(SCORE, SCORE), infer=True)
    assert all("timeAchieved" not in entry for entry in parsed.entries)


@pytest.fixture
def charts(db):
    store_seeds("samples/fixtures/mini-db", "sdvx")


def drafts(*scores, import_type="file/batch-manual"):
    parsed = parse(make_document(*scores), import_type)
    return get_format(import_type).convert(parsed.entries, parsed.context)


@needs_shared_data
def test_a_draft_is_what_the_entry_says(charts):
    told = SCORE | {
        "timeAchieved": 1_700_000_000_000.9,
        "comment": "nice one",
        "judgements": {"near": 3, "miss": None},
        "optional": {"gauge": None},
        "hitMeta": {"exScore": 4000},
    }
    [draft] = drafts(told, import_type="ir/direct-manual")
    assert draft == Draft(
        position=0,
        chart=draft.chart,
        service="Some Tool (DIRECT-MANUAL)",
        import_type="ir/direct-manual",
        comment="nice one",
        time_achieved=1_700_000_000_000,
        score_data={
            "score": 9_000_000,
            "lamp": "CLEAR",
            "judgements": {"near": 3, "miss": None},
            "optional": {"gauge": None},
        },
        score_meta={},
    )
    assert draft.chart.difficulty == "EXH"


@needs_shared_data
def test_the_former_name_of_optional_counts_without_it(charts):
    [draft] = drafts(SCORE | {"optional": None, "hitMeta": {"exScore": 4000}})
    assert draft.score_data["optional"] == {"exScore": 4000}
    [draft] = drafts(SCORE | {"optional": {}, "hitMeta": {"exScore": 4000}})
    assert draft.score_data["optional"] == {}


@needs_shared_data
def test_a_row_that_fails_changes_no_other_row(charts):
    lost = SCORE | {"identifier": "999", "comment": "where?"}
    first, failure, last = drafts(SCORE, lost, SCORE | {"score": 1})
    assert failure == Failure(
        1, "SongOrChartNotFound", "Cannot find song with songID 999.", lost
    )
    assert (first.position, last.position) == (0, 2)
    assert last.score_data["score"] == 1


@needs_shared_data
def test_a_time_far_in_the_future_is_the_scores_own_fault(charts):
    [draft] = drafts(SCORE | {"timeAchieved": 1e300})
    assert draft.time_achieved == int(1e300)


FORMER = {
    "FAILED": ("FAILED", "NONE"),
    "CLEAR": ("CLEAR", "NONE"),
    "FULL COMBO": ("CLEAR", "FULL COMBO"),
    "ALL JUSTICE": ("CLEAR", "ALL JUSTICE"),
    "ALL JUSTICE CRITICAL": ("CLEAR", "ALL JUSTICE CRITICAL"),
}


def chunithm(**lamps):
    meta = {"game": "chunithm", "playtype": "Single", "service": "Some Tool"}
    name = {"matchType": "inGameID", "identifier": "1", "difficulty": "MASTER"}
    return {"meta": meta, "scores": [{"score": 900_000, **name, **lamps}]}


@pytest.mark.parametrize(("lamp", "lamps"), FORMER.items())
def test_the_former_lamp_of_chunithm_is_both_lamps_of_today(lamp, lamps):
    clear, note = lamps
    former, today = chunithm(lamp=lamp), chunithm(clearLamp=clear, noteLamp=note)
    validator = Draft202012Validator(json_schema(get_game("chunithm:Single")))
    assert validator.is_valid(former)
    assert validator.is_valid(today)
    assert parse(former) == parse(today)  # so it is the same score, and orphan


@pytest.mark.parametrize(
    "lamps",
    [
        {},
        {"lamp": "HARD"},
        {"lamp": None},
        {"lamp": []},
        {"lamp": ""},
        {"lamp": "CLEAR", "clearLamp": "CLEAR"},
        {"lamp": "CLEAR", "clearLamp": "CLEAR", "noteLamp": "NONE"},
    ],
)
def test_other_lamps_of_chunithm_are_refused_with_their_name(lamps):
    document = chunithm(**lamps)
    assert "amp" in refusal(document)
    validator = Draft202012Validator(json_schema(get_game("chunithm:Single")))
    assert not validator.is_valid(document)


@pytest.mark.django_db
def test_an_empty_lamp_costs_its_row_only():
    chart = make_chart()
    row = play(chart)
    assert messages(make_document({**row, "lamp": ""}, row)) == [
        "There is no lamp in it: how this play ended is not known."
    ]


def test_a_game_with_one_playtype_needs_none_in_the_document():
    document = make_document(SCORE)
    del document["meta"]["playtype"]
    assert Draft202012Validator(json_schema(get_game("sdvx:Single"))).is_valid(document)
    assert parse(document).context == parse(make_document(SCORE)).context
    document["meta"]["game"] = "iidx"
    assert "meta.playtype" in refusal(document)
