"""The bytes of a text: UTF-8, or UTF-16 by its mark. Others are told, never guessed at.

What is no UTF-8 is often a Japanese spreadsheet's Shift JIS. Read as something else it
ruins titles and comments for good, so its sender learns where it is wrong, what it
looks like, and what to do.
"""

import codecs
import re
from contextlib import suppress

from charset_normalizer import from_bytes

PIECE = 64 * 1024  # bytes
SAMPLE = 2_000  # bytes that are looked at to say what an encoding may be
BEFORE = 40  # bytes: a character may begin before the byte that is wrong
FEW = 24  # bytes beyond ASCII do not tell Chinese or Korean from Japanese
READ = "UTF-8, with or without a byte-order mark, and UTF-16 with one can be read"
WHAT_TO_DO = "Save it as UTF-8 and send it again"
#: As files in the wild have them → as people call them.
NAMES = {
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp1252": "Latin-1 (Windows-1252)",
    "cp949": "EUC-KR",
    "gb18030": "GBK",
    "big5": "Big5",
}
#: What no text begins with: saved as a text it would be no better.
FILES = {
    b"PK\x03\x04": "a ZIP archive or a workbook of Excel (.xlsx)",
    b"\xd0\xcf\x11\xe0": "a workbook of an older Excel (.xls)",
    b"\x1f\x8b": "compressed by gzip",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF-": "a PDF",
}
UNPACKED = "Send the text itself (of a workbook: saved as CSV, in UTF-8)"
WIDE = "UTF-16 without a byte-order mark"
KNOWN = list(NAMES)
JAPANESE = ("cp932", "euc_jp")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_WIDE_LETTER = re.compile(rb"[\x80-\xff]{2}")
_UTF_8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_KANA = re.compile("[\u3041-\u30fa]")
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
#: What a text begins with that is not UTF-8 without a mark.
MARKS = (codecs.BOM_UTF8, *_UTF_32, *_UTF_16)


class NotUnicode(Exception):
    """The text is not in an encoding that is read.

    `offset` is the byte, counted from 0, where that shows; `text` is for its sender.
    """

    def __init__(self, offset: int, why: str, what_to_do: str = WHAT_TO_DO) -> None:
        self.offset = offset
        self.text = f"{why} {what_to_do}: {READ}."
        super().__init__(self.text)


def as_utf8(payload: bytes) -> bytes:
    """The same text in UTF-8, without a mark. Raises NotUnicode, for a NUL too."""
    if payload.startswith(_UTF_32):
        raise NotUnicode(0, "It is UTF-32, by its first bytes (from byte 0 on).")
    for start, kind in FILES.items():
        if payload.startswith(start):
            raise NotUnicode(0, f"It is {kind}, by its first bytes.", UNPACKED)
    if encoding := _UTF_16.get(payload[:2]):
        payload = _from_utf16(payload, encoding)
    elif (offset := _first_wrong(payload)) is not None:
        raise NotUnicode(offset, _not_utf8(payload, offset))
    if (offset := payload.find(b"\0")) >= 0:
        raise NotUnicode(offset, _with_nul(payload, offset))
    return payload.removeprefix(codecs.BOM_UTF8)


def likely(payload: bytes, offset: int) -> str:
    """What the encoding may be, by the bytes around one that is no UTF-8; else ""."""
    start = offset
    while start > max(offset - BEFORE, 0) and payload[start - 1] >= 0x80:
        start -= 1
    sample = payload[start : start + SAMPLE]
    if len(sample) == SAMPLE:  # the last character may be cut
        sample = (
            sample[: max(sample.rfind(each) for each in b'\n",<;\t ') + 1] or sample
        )
    return NAMES.get(_japanese(sample) or _detected(sample), "")


def _japanese(sample: bytes) -> str:
    """Games and their players are Japanese first: full-width kana decide, and so does
    what can be kanji at all where there is too little for statistics.
    """
    texts = {}
    for encoding in JAPANESE:
        with suppress(UnicodeDecodeError):
            texts[encoding] = sample.decode(encoding)
    for encoding, text in texts.items():
        if _KANA.search(text):
            return encoding
    kanji = [each for each, text in texts.items() if not _HALF_WIDTH.search(text)]
    foreign = sum(byte >= 0x80 for byte in sample)
    is_little = foreign <= FEW and _WIDE_LETTER.search(sample)
    return next(iter([*kanji, *texts]), "") if is_little else ""


def _detected(sample: bytes) -> str:
    found = from_bytes(sample, cp_isolation=KNOWN).best()
    return found.encoding if found else ""


def _from_utf16(payload: bytes, encoding: str) -> bytes:
    """Piece by piece: as a text it would take up to four times the room."""
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces, read = [], 2
    try:
        for at in range(2, len(payload), PIECE):
            piece = payload[at : at + PIECE]
            read += len(piece)
            pieces.append(decoder.decode(piece).encode())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        offset = read - len(error.object) + error.start
        why = f"Its first bytes say UTF-16, and byte {offset:,} is none."
        raise NotUnicode(offset, why) from None
    return b"".join(pieces)


def _first_wrong(payload: bytes) -> int | None:
    """The offset of the first byte that is no UTF-8; None where all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    try:
        for at in range(0, len(payload), PIECE):
            piece = payload[at : at + PIECE]
            read += len(piece)
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return read - len(error.object) + error.start
    return None


def _not_utf8(payload: bytes, offset: int) -> str:
    why = f"It is not UTF-8: byte {offset:,} (0x{payload[offset]:02X}) is none."
    if _UTF_8.search(payload[max(offset - SAMPLE, 0) : offset]):
        return f"{why} What is before it is: was it cut, or put together of several?"
    name = _wide(payload) or likely(payload, offset)
    return f"{why} It looks like {name}." if name else why


def _with_nul(payload: bytes, offset: int) -> str:
    why = f"Byte {offset:,} is the NUL character."
    name = _wide(payload)
    return f"{why} It looks like {name}." if name else why


def _wide(payload: bytes) -> str:
    """Which encoding it may be where so many bytes are 0 as where ASCII is written in
    two bytes each, or four; else "".
    """
    sample = payload[:SAMPLE]
    zeros = sample.count(b"\0")
    if zeros > len(sample) * 5 // 8:
        return "UTF-32"
    return WIDE if zeros > len(sample) // 4 else ""
