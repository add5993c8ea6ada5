"""What was sent for a wrong playtype, read as if it had been sent for the right one."""

import json

import pytest

from imports.formats import FORMATS, get_format
from imports.formats.base import ImportRefused, Input
from scores.games import PLAYTYPES
from tests.factories import document

#: Of these each play, or its chart, says the playtype.
SAYS_ITSELF = {
    "file/mer-iidx",
    "file/solid-state-squad",
    "ir/fervidex",
    "ir/fervidex-static",
    "ir/lr2hook",
}


def has_playtypes(format_):
    return any(len(PLAYTYPES[game]) > 1 for game in format_.games)


def test_a_format_knows_of_another_playtype_or_each_play_says_its_own():
    found = {
        name
        for name, format_ in FORMATS.items()
        if has_playtypes(format_) and format_.as_playtype is None
    }
    assert found == SAYS_ITSELF


def as_playtype(import_type, sent, playtype):
    format_ = get_format(import_type)
    return format_.parse(format_.as_playtype(sent, playtype))


@pytest.mark.parametrize("import_type", ["file/batch-manual", "ir/direct-manual"])
def test_a_document_is_of_the_other_playtype_with_its_classes(import_type):
    sent = document(game="iidx", playtype="SP", classes={"dan": "DAN_7"})
    payload = json.dumps(sent).encode()

    parsed = as_playtype(import_type, Input(payload), "DP")

    assert parsed.context["playtype"] == "DP"
    assert parsed.classes == {"iidx:DP": {"dan": "DAN_7"}}


def test_no_sender_can_say_it_beside_a_document():
    """A text field of an upload, of whatever name, is not the parameter."""
    payload = json.dumps(document(game="iidx", playtype="SP")).encode()
    fields = {"instead": "DP", "playtype": "DP"}

    parsed = get_format("file/batch-manual").parse(Input(payload, parameters=fields))

    assert parsed.context["playtype"] == "SP"


@pytest.mark.parametrize("payload", [b"[]", b"1", b'{"meta": 1}', b'"meta"', b"{}"])
def test_what_is_no_document_is_refused_all_the_same(payload):
    with pytest.raises(ImportRefused):
        as_playtype("file/batch-manual", Input(payload), "DP")


def test_a_file_is_of_the_other_choice_whatever_its_name_says():
    format_ = get_format("file/eamusement-iidx-csv")
    payload = format_.about.sample.encode()
    sent = Input(payload, "my sp scores.csv", {"playtype": "SP"})
    assert format_.parse(sent).context["playtype"] == "SP"

    parsed = as_playtype("file/eamusement-iidx-csv", sent, "DP")

    assert parsed.context["playtype"] == "DP"


def test_a_play_of_usc_is_of_the_other_address():
    format_ = get_format("ir/usc")
    sent = Input(format_.about.sample.encode(), "", {"playtype": "Controller"})

    parsed = as_playtype("ir/usc", sent, "Keyboard")

    assert parsed.entries[0]["playtype"] == "Keyboard"


def beatoraja(mode, client):
    format_ = get_format("ir/beatoraja")
    body = json.loads(format_.about.sample)
    body["chart"]["mode"], body["client"] = mode, client
    return Input(json.dumps(body).encode(), received_at=1)


def test_a_play_of_pms_is_of_the_other_device():
    sent = beatoraja("POPN_9K", "beatoraja 0.8")
    devices = {
        playtype: as_playtype("ir/beatoraja", sent, playtype).entries[0]["score"]
        for playtype in PLAYTYPES["pms"]
    }
    told = {name: score["deviceType"] for name, score in devices.items()}
    assert told == {"Controller": "BM_CONTROLLER", "Keyboard": "KEYBOARD"}


def test_a_play_of_bms_is_of_no_other_playtype():
    sent = beatoraja("BEAT_7K", "LR2oraja")
    with pytest.raises(ImportRefused, match="itself"):
        as_playtype("ir/beatoraja", sent, "14K")
