"""16 MiB of any bytes cost a parser at most a second and 200 MB.

Each is parsed in a process of its own, forked from this one, which asks the system how
much more memory it took at its worst.
"""

import gc
import json
import os
import re
import time
from pathlib import Path

import pytest

from imports.formats import FORMATS
from imports.formats.base import ImportRefused, Input
from tests.attacks.marks import on_linux
from tests.imports.files import block, iidx_csv, iidx_row, s3_song, s3_xml, sdvx_csv
from tests.imports.hostile_bytes import HOSTILE

pytestmark = [pytest.mark.slow, on_linux]
SIZE = 16 * 1024 * 1024 - 4096
SECONDS, MEGABYTES = 1, 200
ROUNDS = 3  # on a busy machine everything takes longer now and then
IIDX, SDVX = "file/eamusement-iidx-csv", "file/eamusement-sdvx-csv"
RECORDS, S3, MER = (
    "file/mypagescraper-records-csv",
    "file/solid-state-squad",
    "file/mer-iidx",
)
HEADERS = {
    IIDX: iidx_csv().encode(),
    SDVX: sdvx_csv().encode(),
    RECORDS: b"music_id,music_title,music_levels,music_scores,music_achieves\n",
}
A_ROW = iidx_row(**dict.fromkeys(("NORMAL", "HYPER", "ANOTHER"), block()))
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(1, 9))


def filled(part, before=b"", after=b""):
    """As many of a part as there is room for, when it is made."""

    def make():
        many = (SIZE - len(before) - len(after)) // len(part)
        return before + part * many + after

    return make


def hostile(name):
    return lambda: HOSTILE[name](SIZE)


def table(header):
    """Tables that are nothing but one thing, below a header that is right."""
    return {
        "newlines": filled(b"\n", header),
        "carriage returns": filled(b"\r", header),
        "commas": filled(b",", header),
        "lines of commas": filled(b"," * 80 + b"\n", header),
        "quotes": filled(b'"', header),
        "lines of quotes": filled(b'"' * 9_000 + b"\n", header),
        "quoted commas": filled(b'",' * 4_000 + b"\n", header),
        "one line": filled(b"x", header),
        "wide letters": filled("\U0001f600".encode(), header),
        "short rows": filled(b"a,\n", header),
        "bytes of no encoding": filled(b"\xff", header),
        "lines of UTF-16": filled(b"\n\0", b"\xff\xfe"),
    }


WITHOUT_HEADER = {
    "a million columns": filled(b"a,"),
    "a header without end": filled(b"x"),
    "newlines": filled(b"\n"),
    "spaces": filled(b" "),
    "quotes": filled(b'"'),
}
ROWS = {
    "played rows": filled(f"{A_ROW}\n".encode(), HEADERS[IIDX]),
    "rows of commas": filled(f"BISTROVER{',' * 9_000}\n".encode(), HEADERS[IIDX]),
}
SONG = s3_xml(s3_song("x")).encode()
HEAD, TAIL = SONG.split(b"<sudden/>")
XML = {
    "elements inside each other": filled(b"<a>"),
    "elements": filled(b"<a/>", HEAD, TAIL),
    "elements of all names": lambda: (
        b"<a>" + b"".join(b"<a%x/>" % n for n in range(SIZE // 10))
    ),
    "attributes": lambda: b"<a " + b"".join(b'b%x="" ' % n for n in range(SIZE // 11)),
    "an open tag": filled(b"a", b"<"),
    "a text": filled(b"x", HEAD),
    "newlines": filled(b"\n", HEAD),
    "lines between elements": filled(b"\n" * 60_000 + b"<a/>", HEAD, TAIL),
    "a comment": filled(b"-x", b"<!--"),
    "comments": filled(b"<!---->", HEAD, TAIL),
    "instructions": filled(b"<?a?>", HEAD, TAIL),
    "escaped letters": filled(b"&lt;", HEAD, TAIL),
    "sections": filled(b"<![CDATA[]]>", HEAD, TAIL),
    "a doctype": filled(b'<!ENTITY a "">', b"<!DOCTYPE a ["),
    "a billion laughs": lambda: (
        f'<!DOCTYPE a [<!ENTITY l1 "ha">{LAUGHS}]><a>{"&l9;" * 1000}</a>'.encode()
    ),
    "one entity many times": filled(
        b"&l;", f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]><a>'.encode()
    ),
    "songs": filled(
        s3_song("x").encode(), HEAD.split(b"<song>")[0], b"</scoredata></s3data>"
    ),
}
JSON = {
    name: hostile(name)
    for name in ("deep lists", "lists in a list", "deep objects", "an unclosed list")
} | {"rows": filled(b"{},", b"[", b"{}]"), "numbers": filled(b"1,", b"[", b"1]")}
BOMBS = {
    **{name: table(header) for name, header in HEADERS.items()},
    "file/mypagescraper-player-csv": WITHOUT_HEADER,
    "file/pli-iidx-csv": ROWS,
    S3: XML,
    MER: JSON,
}


def cost(import_type, payload):
    """Seconds, megabytes, and what it said, of a process that parses this."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.write(writing, json.dumps(parsed(import_type, payload)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    assert told, f"{import_type}: the process died"
    return json.loads(told)


def parsed(import_type, payload):
    gc.disable()  # as an import does
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now's
    before, began = memory("VmRSS"), time.process_time()
    try:
        sent = Input(payload, "scores", {"playtype": "SP"})
        said = len(FORMATS[import_type].parse(sent).entries)
    except ImportRefused as refusal:
        said = refusal.text
    return time.process_time() - began, (memory("VmHWM") - before) / 1024, said


def memory(name):
    """In kilobytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", status)[1])


@pytest.mark.parametrize("import_type", BOMBS)
def test_no_bytes_cost_more_than_a_second_and_200_megabytes(
    import_type, record_property
):
    for name, make in BOMBS[import_type].items():
        payload, found = make(), []
        for _ in range(ROUNDS):
            seconds, megabytes, said = cost(import_type, payload)
            found.append((round(seconds, 2), round(megabytes), said))
            if seconds <= SECONDS:
                break
        assert found[-1][0] <= SECONDS and found[-1][1] <= MEGABYTES, (name, found)


def test_every_file_format_has_its_bombs():
    files = {name for name in FORMATS if name.startswith("file/")}
    assert files - BOMBS.keys() == {"file/batch-manual"}  # test_cost_of_bytes.py
