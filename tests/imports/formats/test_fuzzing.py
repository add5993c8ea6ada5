"""Whatever bytes are sent, each format of the table reads or refuses them."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.failures import FailureType
from imports.formats import FORMATS
from imports.formats.base import Draft, Failure, ImportRefused, Input
from imports.formats.json_text import _texts
from imports.formats.recognise import NotRecognised, recognise
from scores.games import get_game
from tests.factories import document, make_chart, make_song, play

pytestmark = pytest.mark.django_db
NOW = 1_735_689_600_000
EXAMPLES = int(os.environ.get("FUZZING", 60))
#: What is put into a sample, or in place of a part of it.
PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            *("", ",", ";", "\t", "\n", "\r\n", '"', '""', "\0", "\ufeff", "\ud800"),
            *("-", "---", "0", "-1", "1e999", "NaN", "9" * 20, "0x10", "1.5", "１"),
            *("null", "true", "[]", "{}", "[[", "\\u0000", "\\ud800", "†"),
            *("<", ">", "&lt;", "&x;", "<a>", "</song>", "<song/>", "]]>", "<!--"),
            *("2021-02-30", "0001-01-01 0:00", "9999-12-31 23:59", "S3", "Tomorrow"),
            *("5.1.1.", "ANOTHER", "FAILED", "[1,2", "[a,b,c,d,e,f]", "x" * 3000),
        ]
    ).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
PLACES = st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES)
FORM = st.fixed_dictionaries(
    {}, optional={"playtype": st.sampled_from(["SP", "SP", "DP", "", "x"])}
)


def mutated(sample, places):
    """The sample, with some parts replaced, left out or doubled."""
    for place, length, piece in places:
        at = int(place * len(sample))
        sample = sample[:at] + piece + sample[at + length :]
    return sample


def anything_like(sample):
    changed = st.lists(PLACES, min_size=1, max_size=6).map(
        lambda places: mutated(sample, places)
    )
    return st.one_of(changed, changed, changed, st.binary(max_size=200))


@pytest.fixture
def charts():
    """Charts that the samples are about, so that their scores are looked at too."""
    for game, title, playtype, difficulty in (
        ("iidx", "5.1.1.", "SP", "ANOTHER"),
        ("sdvx", "竹", "Single", "EXH"),
        ("wacca", "ヒトガタ", "Single", "EXPERT"),
    ):
        make_chart(
            game,
            playtype,
            song=make_song(game, title=title),
            difficulty=difficulty,
            level=12,
            versions=["28", "14-cs"],
            data={"inGameID": 1000, "notecount": 1000},
        )


@pytest.mark.parametrize("import_type", FORMATS)
def test_bytes_are_read_or_refused(charts, import_type):
    format_ = FORMATS[import_type]
    sample = format_.about.sample.encode()

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(anything_like(sample), FORM)
    def check(payload, form):
        parameters = {"playtype": "SP", **form} if format_.about.form else {}
        try:
            parsed = format_.parse(
                Input(payload, "name", parameters, 1_735_689_600_000)
            )
        except ImportRefused as refusal:
            assert refusal.text
            assert 400 <= refusal.status < 500
            assert refusal.problems and all(
                each["message"] for each in refusal.problems
            )
            return
        # Where nothing was refused, nothing was replaced either.
        assert "\ufffd" in payload.decode(errors="ignore") or not any(
            "\ufffd" in each for each in _texts(parsed.entries)
        )
        assert not parsed.lines or len(parsed.lines) == len(parsed.entries)
        for entry, outcome in zip(
            kept(parsed.entries),
            format_.convert(kept(parsed.entries), kept(parsed.context)),
            strict=True,
        ):
            looked_at(entry, outcome)

    check()


def kept(value):
    """The value as it is when it was kept with an orphan, by whatever database."""
    assert not any("\0" in each for each in _texts(value))
    # Lone surrogates cannot be encoded.
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return json.loads(text.encode())


def looked_at(entry, outcome):
    assert isinstance(outcome, Draft | Failure)
    if isinstance(outcome, Failure):
        assert outcome.message
        assert outcome.type != FailureType.INTERNAL
        assert outcome.data == entry
        return
    json.dumps(outcome.score_meta).encode()
    outcome.service.encode()
    game = get_game(outcome.chart.gpt)
    [completed] = game.complete([(outcome.score_data, outcome.chart)])
    assert completed is not None


#: What makes a sound score wrong → the end of the path at which that is told.
FAULTS = {
    "lamp": ({"lamp": "HARDLY"}, ".lamp"),
    "score": ({"score": "12"}, ".score"),
    "time": ({"timeAchieved": 1_700_000_000}, ".timeAchieved"),
    "comment": ({"comment": "a"}, ".comment"),
    "judgement": ({"judgements": {"near": -1}}, ".judgements.near"),
    "metric": ({"optional": {"gauge": 101}}, ".optional.gauge"),
    "meta": ({"scoreMeta": {"unheard": 5}}, ".scoreMeta"),
    "key": ({"unheard": 1}, ""),
}


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(sorted(FAULTS))), min_size=1, max_size=12),
    st.booleans(),
)
def test_each_fault_of_a_document_is_told_with_its_place(faults, is_doubled):
    scores, planted = [], []
    for i, names in enumerate(faults):
        score = play(1_000_000)
        for name in names:
            changes, end = FAULTS[name]
            score |= changes
            planted.append(f"scores[{i}]{end}")
        scores.append(score)
    text = json.dumps(document(*scores))
    if is_doubled:
        text = text.replace('"scores"', '"scores": [], "scores"', 1)
        planted.append("scores")
    for import_type in ("file/batch-manual", "ir/direct-manual"):
        try:
            FORMATS[import_type].parse(Input(text.encode(), "x", {}, NOW))
            told = []
        except ImportRefused as refusal:
            told = [each["path"] for each in refusal.problems]
        assert sorted(told) == sorted(planted)


def test_a_sample_is_right_and_recognised():
    for import_type, format_ in FORMATS.items():
        if format_.recognises is None:
            continue
        name = "pli.csv" if "pli" in import_type else "scores"
        sample = format_.about.sample.encode()
        found = recognise(sample, name, FORMATS.values())
        assert found.format is format_
        assert found.reason
        parsed = format_.parse(Input(sample, name, {"playtype": "SP"}))
        assert parsed.entries or parsed.classes


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300))
def test_nothing_that_is_recognised_raises_anything(payload):
    try:
        recognise(payload, "x", FORMATS.values())
    except NotRecognised as why:
        assert "file/batch-manual" in str(why)
