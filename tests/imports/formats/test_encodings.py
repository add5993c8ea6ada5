"""Files that are not UTF-8: every format says where, what they may be, what to do."""

import pytest

from imports.formats import FORMATS
from imports.formats.base import ImportRefused, Input

WORDS = {"cp932": "Shift-JIS", "euc_jp": "EUC-JP"}


def parameters(import_type):
    playtype = "Controller" if import_type == "ir/usc" else "SP"
    return {"playtype": playtype, "version": "29", "scores": True}


def refusal(import_type, payload):
    with pytest.raises(ImportRefused) as caught:
        FORMATS[import_type].parse(Input(payload, "name", parameters(import_type), 1))
    assert [each["message"] for each in caught.value.problems] == [caught.value.text]
    return caught.value.text


@pytest.mark.parametrize("import_type", FORMATS)
def test_no_format_reads_another_encoding(import_type):
    sample = FORMATS[import_type].about.sample
    for encoding, name in WORDS.items():
        spoiled = sample.encode() + "譜面がむずかしい".encode(encoding)
        if max(sample) > "\u07ff":  # it is UTF-8 before that
            name = "cut, or put together of several"
        text = refusal(import_type, spoiled)
        assert "It is not UTF-8: byte " in text and name in text
        assert "Save it as UTF-8 and send it again" in text


@pytest.mark.parametrize("import_type", sorted(FORMATS.keys() - {"ir/lr2hook"}))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_every_format_reads_unicode_with_a_mark(import_type, encoding):
    format_ = FORMATS[import_type]
    sample, asked = format_.about.sample, parameters(import_type)
    plain, marked = (
        format_.parse(Input(sample.encode(each), "pli", asked, 1))
        for each in ("utf-8", encoding)
    )
    assert (plain.entries, plain.classes) == (marked.entries, marked.classes)


@pytest.mark.parametrize("declared", ["Shift_JIS", "ISO-8859-1", "windows-1252"])
def test_xml_that_declares_another_encoding_is_told_so(declared):
    xml = f'<?xml version="1.0" encoding="{declared}"?><s3data></s3data>'
    text = refusal("file/solid-state-squad", xml.encode())
    assert f"It declares the encoding {declared} (at byte 30)" in text


def test_a_nul_is_told_with_its_place():
    text = refusal("file/eamusement-iidx-csv", b"a,b\nc,\0d")
    assert "Byte 6 is the NUL character." in text


def test_what_is_otherwise_utf8_is_not_taken_for_another_encoding():
    text = refusal("file/batch-manual", '{"a":"譜面'.encode()[:-1])
    assert "byte 9 (0xE9) is none. What is before it is" in text


@pytest.mark.parametrize("import_type", FORMATS)
@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"PK\x03\x04\x14\0", "(.xlsx)"), (b"\x1f\x8b\x08\0", "by gzip")],
)
def test_what_is_no_text_is_told_so(import_type, start, kind):
    text = refusal(import_type, start + bytes(range(256)))
    assert f"{kind}, by its first bytes. Send the text itself" in text
    assert "Save it as UTF-8" not in text


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
def test_utf32_without_a_mark_is_not_taken_for_utf16(encoding):
    text = refusal("file/batch-manual", '{"a": "譜面がむずかしい"}'.encode(encoding))
    assert "It looks like UTF-32." in text
