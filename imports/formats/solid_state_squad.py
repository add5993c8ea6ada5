"""The XML that the site solidstatesquad.com, of IIDX on consoles, let players export.

    <s3data><userdata>…</userdata><scoredata><song>…</song>…</scoredata></s3data>

A file that breaks the rules of the table below is refused as a whole: only the site
wrote them, and one that was changed by hand is no record of anything.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from imports.failures import FailureType
from imports.formats.base import (
    About,
    Draft,
    Failure,
    Field,
    Format,
    ImportRefused,
    Input,
    Parsed,
    require_at_most,
)
from imports.formats.outcomes import outcomes
from imports.formats.refusals import MOST_COUNTED, Wrong, refuse
from imports.formats.times import unix_time
from imports.formats.xml_text import Record, read_records
from imports.matching import Name, NoMatch, match
from imports.matching.numbers import safe_integer
from scores.games import get_game
from scores.models import Chart
from tachi.api.envelope import Problem

IMPORT_TYPE = "file/solid-state-squad"
SERVICE = "Solid State Squad"
USER, SONG = "s3data/userdata", "s3data/scoredata/song"
FIVE_KEYS = "5"
#: What a field has to be, and the words for it.
Rules = dict[str, tuple[Callable[[Any], bool], str]]
#: `diff` → playtype and difficulty. A play with five keys is none of this game.
CHARTS = {
    "L7": ("SP", "NORMAL"),
    "7": ("SP", "HYPER"),
    "A": ("SP", "ANOTHER"),
    "B": ("SP", "LEGGENDARIA"),
    "L14": ("DP", "NORMAL"),
    "14": ("DP", "HYPER"),
    "A14": ("DP", "ANOTHER"),
    "B14": ("DP", "LEGGENDARIA"),
}
#: The last of `styles`, on which it was played → our version.
VERSIONS = {
    **{f"{number}th": f"{number}-cs" for number in range(4, 11)},
    "3rd": "3-cs",
    "red": "11-cs",
    "hs": "12-cs",
    "dd": "13-cs",
    "gold": "14-cs",
    "djt": "15-cs",
    "emp": "16-cs",
    "pb": "16-cs",
    "us": "bmus",
}
#: `cleartype` and `hardeasy` of `mods` → our lamp.
FULL_COMBO = dict.fromkeys(("combo", "comboed", "perfect", "perfected"), "FULL COMBO")
LAMPS = {"played": "FAILED", "cleared": "CLEAR", **FULL_COMBO}
GAUGES = {"E": "EASY CLEAR", "H": "HARD CLEAR"}
#: Judgements of `scorebreakdown` → ours.
JUDGEMENTS = {
    "justgreats": "pgreat",
    "greats": "great",
    "good": "good",
    "bad": "bad",
    "poor": "poor",
}
MOST_COMMENT = 240  # characters


def _is_count(value: Any) -> bool:
    number = safe_integer(value) if isinstance(value, str) else None
    return number is not None and number >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_any_of(known: Sequence[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in known


def _is_breakdown(value: Any) -> bool:
    is_record = isinstance(value, dict)
    return is_record and all(_is_count(value.get(name)) for name in JUDGEMENTS)


def _are_mods(value: Any) -> bool:
    """Elements, and no text; the site may leave it empty."""
    if isinstance(value, dict):
        return value.get("hardeasy") in (None, "H", "E")
    return value == ""


#: What has to be in a `song`, and how. What else is in there is not read.
SONG_FIELDS: Rules = {
    "id": (_is_count, "a whole number"),
    "diff": (_is_any_of((*CHARTS, FIVE_KEYS)), f"one of {', '.join(CHARTS)} or 5"),
    "songname": (_is_text, "a text"),
    "styles": (_is_text, "a text"),
    "exscore": (_is_count, "a whole number"),
    "mods": (_are_mods, "elements; hardeasy among them is H or E"),
    "cleartype": (_is_any_of([*LAMPS]), f"one of {', '.join(LAMPS)}"),
    "date": (_is_text, "a text"),
}
OPTIONAL_FIELDS: Rules = {
    "scorebreakdown": (_is_breakdown, f"{', '.join(JUDGEMENTS)}, each a whole number"),
    "comment": (_is_text, "a text"),
}
USER_FIELDS: Rules = {
    "id": (_is_count, "a whole number"),
    "login": (_is_text, "a text"),
    "djname": (_is_text, "a text"),
}
FOREWORD = "Invalid S3 XML"
READ = {*SONG_FIELDS, *OPTIONAL_FIELDS, *USER_FIELDS, *JUDGEMENTS, "hardeasy"}


def parse(sent: Input) -> Parsed:
    """Raises ImportRefused."""
    entries: list[dict[str, Any]] = []
    lines: list[int] = []
    wrong: list[Wrong] = []
    songs = users = 0
    for path, line, record in read_records(sent.payload, (USER, SONG), READ):
        if path == USER:
            _add(wrong, _wrongs(record, USER_FIELDS, "userdata", line))
            users += 1
            continue
        told = {name: record[name] for name in OPTIONAL_FIELDS if name in record}
        rules = SONG_FIELDS | {name: OPTIONAL_FIELDS[name] for name in told}
        _add(wrong, _wrongs(record, rules, f"song[{songs}]", line))
        songs += 1
        if record.get("diff") != FIVE_KEYS and not wrong:
            entries.append({name: record[name] for name in SONG_FIELDS} | told)
            lines.append(line)
    refuse(FOREWORD, wrong)
    if not (songs and users):
        missing = "song in scoredata" if users else "userdata"
        raise ImportRefused(f"Invalid S3 XML: there is no {missing} in it.")
    require_at_most(len(entries))
    return Parsed("iidx", entries, {}, SERVICE, lines=lines)


def convert(
    entries: Sequence[dict[str, Any]], context: dict[str, Any]
) -> list[Draft | Failure]:
    """A draft or failure for each play with seven keys, of both playtypes."""
    found: dict[int, Chart | NoMatch] = {}
    for playtype in ("SP", "DP"):
        at = [n for n, entry in enumerate(entries) if _chart(entry)[0] == playtype]
        names = [_name(entries[n]) for n in at]
        if names:
            matched = match(get_game(f"iidx:{playtype}"), None, names)
            found.update(zip(at, matched, strict=True))
    styled = (_with_style(entry, found[n]) for n, entry in enumerate(entries))
    return outcomes(entries, styled, _draft)


def _add(wrong: list[Wrong], more: Iterator[Wrong]) -> None:
    wrong += islice(more, MOST_COUNTED - len(wrong))


def _wrongs(record: Record, rules: Rules, of: str, line: int) -> Iterator[Wrong]:
    for name, (is_right, expected) in rules.items():
        value = record.get(name)
        if not is_right(value):
            told = "it is missing" if value is None else f"it is {str(value)[:100]!r}"
            text = f"{name} of {of} (line {line}) has to be {expected}, and {told}."
            yield Wrong(Problem(path=f"{of}.{name}", message=text), text)


def _chart(entry: dict[str, Any]) -> tuple[str, str]:
    return CHARTS[entry["diff"]]


def _style(entry: dict[str, Any]) -> str:
    return entry["styles"].split(",")[-1].strip()


def _name(entry: dict[str, Any]) -> Name:
    _, difficulty = _chart(entry)
    version = VERSIONS.get(_style(entry))
    return Name("songTitle", entry["songname"], difficulty, version=version)


def _with_style(entry: dict[str, Any], found: Chart | NoMatch) -> Chart | NoMatch:
    """A style that does not exist is a fault, once the song is one that we know."""
    if isinstance(found, Chart) and _style(entry) not in VERSIONS:
        message = f"Unknown style {_style(entry)!r}: expected {', '.join(VERSIONS)}."
        return NoMatch(FailureType.INVALID, message)
    return found


def _draft(position: int, entry: dict[str, Any], chart: Chart) -> Draft:
    """Raises WrongCell."""
    breakdown = entry.get("scorebreakdown", {})
    comment = entry.get("comment")
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=comment[:MOST_COMMENT] if comment else None,
        time_achieved=unix_time(entry["date"]),
        score_data={
            "score": safe_integer(entry["exscore"]),
            "lamp": _lamp(entry),
            "judgements": {
                ours: safe_integer(breakdown[theirs])
                for theirs, ours in JUDGEMENTS.items()
                if theirs in breakdown
            },
            "optional": {},
        },
        score_meta={},
    )


def _lamp(entry: dict[str, Any]) -> str:
    """The gauge tells only of clears which they are."""
    lamp = LAMPS[entry["cleartype"]]
    gauge = entry["mods"].get("hardeasy") if entry["mods"] else None
    return GAUGES[gauge] if lamp == "CLEAR" and gauge else lamp


def recognised(payload: bytes, filename: str) -> str | None:
    """By what this is an export of the site, if it is."""
    return "there is <s3data> in it" if b"<s3data" in payload[:1_000] else None


FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="Solid State Squad: XML of beatmania IIDX on consoles",
        text="Titles are compared as in BATCH-MANUAL. A file with a document type"
        " (DTD) is refused, and so is one in which a field is not as the table says."
        " Plays with five keys are not kept.",
        origin="The export of the site solidstatesquad.com.",
        fields=(
            Field("userdata", "id, login, djname: of the player"),
            *(Field(name, expected) for name, (_, expected) in SONG_FIELDS.items()),
            Field("scorebreakdown", OPTIONAL_FIELDS["scorebreakdown"][1]),
            Field("comment", f"of which {MOST_COMMENT} characters are kept"),
        ),
        sample="""<?xml version="1.0" encoding="UTF-8"?>
<s3data version="0.1" xmlns="http://iidx.solidstatesquad.com/xml/ns#">
  <userdata><id>1</id><login>someone</login><djname>SOMEONE</djname></userdata>
  <scoredata>
    <song>
      <id>187</id>
      <diff>A</diff>
      <songname><![CDATA[5.1.1.]]></songname>
      <styles>3rd,gold</styles>
      <exscore>600</exscore>
      <scorebreakdown>
        <justgreats>250</justgreats><greats>100</greats>
        <good>5</good><bad>3</bad><poor>2</poor>
      </scorebreakdown>
      <mods><hardeasy>H</hardeasy></mods>
      <cleartype>cleared</cleartype>
      <date>2010-02-23 14:33:20</date>
    </song>
  </scoredata>
</s3data>
""",
    ),
    games=("iidx",),
    servers=("kamai",),
    recognises=recognised,
)
