"""The CSV of scores that KONAMI's site gives beatmania IIDX players, and PLI's copy.

A row is a song: its version, title, genre, artist and play count, then seven cells for
each difficulty, then the time of the last play. The cells of a difficulty are level, EX
score, PGREAT, GREAT, miss count, clear type and DJ level. Since HEROIC VERSE there are
five difficulties (41 columns), before there were three (27).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
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
from imports.formats.cells import (
    WrongCell,
    count,
    is_empty,
    with_sound,
    word,
)
from imports.formats.delimited_text import read_table
from imports.formats.iidx_csv_rows import LAYOUTS, SAMPLE, entries_of, layout
from imports.formats.iidx_words import LAMPS, VERSIONS
from imports.formats.outcomes import outcomes
from imports.formats.times import JAPAN, unix_time
from imports.matching import FILE_TITLE, Name, NoMatch, match
from imports.matching.numbers import canonical_number
from scores.games import get_game
from scores.models import Chart
from scores.rules.game import Game

MOST_BP = 9_999


def parse(sent: Input, service: str) -> Parsed:
    """Raises ImportRefused."""
    playtype = _playtype(sent)
    table = read_table(sent.payload)
    difficulties = layout(table.headers if table else [])
    entries: list[dict[str, Any]] = []
    lines: list[int] = []
    names: set[str] = set()
    for row in table.rows() if table else ():
        found = list(entries_of(row, difficulties))
        names.update(entry["version"] for entry in found if "version" in entry)
        names.update(row.cells[:1])
        entries += found
        lines += [row.line] * len(found)
        require_at_most(len(entries))
    context = {
        "service": service,
        "playtype": playtype,
        "importVersion": _import_version(names, get_game(f"iidx:{playtype}")),
    }
    return Parsed("iidx", entries, context, service, lines=lines)


def convert(
    entries: Sequence[dict[str, Any]], context: dict[str, Any], import_type: str
) -> list[Draft | Failure]:
    """A draft or failure for each played difficulty of a song."""
    found = with_sound(entries, partial(_match, context))
    draft = partial(_draft, context["service"], import_type)
    return outcomes(entries, found, draft)


def _playtype(sent: Input) -> str:
    """The playtype that was chosen, which the name of the file must not contradict."""
    playtype = sent.parameters.get("playtype")
    if playtype not in ("SP", "DP"):
        raise ImportRefused("Invalid playtype: the field has to be SP or DP.")
    other = "dp" if playtype == "SP" else "sp"
    # The web client sends the field always, and empty where nobody asserted anything.
    asserted = bool(sent.parameters.get("assertPlaytypeCorrect"))
    if other in sent.filename.lower() and not asserted:
        raise ImportRefused(
            f"The file's name contains {other!r}, and {playtype} was chosen. If that is"
            " right, say so with the field assertPlaytypeCorrect."
        )
    return playtype


def as_playtype(sent: Input, playtype: str) -> Input:
    """The file with the other choice, whatever its name says."""
    chosen = {"playtype": playtype, "assertPlaytypeCorrect": "true"}
    return replace(sent, parameters=sent.parameters | chosen)


def _import_version(names: set[str], game: Game) -> int:
    """The newest version that is named: whose charts the scores are on.

    Rows of versions that are not known are not counted, and refused one by one.
    """
    numbers = [VERSIONS[name] for name in names if name in VERSIONS]
    known = [number for number in numbers if str(number) in game.versions]
    if not known:
        unknown = ", ".join(sorted(names - VERSIONS.keys())[:3])
        raise ImportRefused(
            "No row is of a version of IIDX that can be imported, from tricoro on."
            + (f" Unknown: {unknown[:200]}." if unknown else "")
        )
    return max(known)


def _match(
    context: dict[str, Any], entries: list[dict[str, Any]]
) -> list[Chart | NoMatch]:
    """The chart of each row. A shorter title counts only where the artist agrees."""
    game = get_game(f"iidx:{context['playtype']}")
    names, ways = [], []
    for entry in entries:
        version = str(max(VERSIONS.get(entry["version"], 0), context["importVersion"]))
        rest = {"difficulty": entry["difficulty"], "version": version}
        names.append(Name(FILE_TITLE, entry["title"], artist=entry["artist"], **rest))
        shorter = entry.get("or", ())
        names += [
            Name("songTitle", title, artist=artist, **rest) for title, artist in shorter
        ]
        ways.append(1 + len(shorter))
    found = iter(match(game, None, names))
    return [
        _known_version(entry, [next(found) for _ in range(ways_)])
        for entry, ways_ in zip(entries, ways, strict=True)
    ]


def _known_version(
    entry: dict[str, Any], found: list[Chart | NoMatch]
) -> Chart | NoMatch:
    """The first chart; a row of a version that is not known waits until it is."""
    if entry["version"] not in VERSIONS:
        return NoMatch(
            FailureType.NOT_FOUND,
            f"Unknown version {entry['version']!r}: the newest one known here is"
            f" {[*VERSIONS][-1]}.",
        )
    return next((each for each in found if isinstance(each, Chart)), found[0])


def _draft(
    service: str, import_type: str, position: int, entry: dict[str, Any], chart: Chart
) -> Draft:
    """Raises WrongCell."""
    score = count(entry["exscore"], "The EX score")
    judgements = {
        name: count(entry[name], f"The {name}")
        for name in ("pgreat", "great")
        if not is_empty(entry[name])
    }
    judgements, note = _agreeing(judgements, score)
    return Draft(
        position=position,
        chart=chart,
        service=service,
        import_type=import_type,
        comment=None,
        time_achieved=unix_time(entry["time"], JAPAN),
        score_data={
            "score": score,
            "lamp": word(entry["lamp"], LAMPS, "clear type"),
            "judgements": judgements,
            "optional": _optional(entry["bp"]),
        },
        score_meta={},
        note=note,
    )


def _agreeing(
    judgements: dict[str, int], score: int
) -> tuple[dict[str, int], str | None]:
    """The judgements, if they are those of the score: the site lists the best of each.

    With a note where they are left out.
    """
    if len(judgements) == 2:
        told = 2 * judgements["pgreat"] + judgements["great"]
        if told != score:
            return {}, f"Its judgements make {told}, not {score}, and are left out."
    return judgements, None


def _optional(bp: str) -> dict[str, int]:
    """The miss count, if there is one: `---` and other words mean none."""
    number = None if is_empty(bp) else canonical_number(bp)
    if number is None:
        return {}
    if not number.isdecimal():
        raise WrongCell(f"The miss count has to be a whole number from 0 on: {bp!r}.")
    return {"bp": count(number, "The miss count", MOST_BP)}


_FIELDS = (
    Field("バージョン (version)", "the version that the song is from, by its name"),
    Field("タイトル (title)", "the song"),
    Field("ジャンル, アーティスト, プレー回数", "genre, artist, play count"),
    Field("難易度 (level)", "of each difficulty in turn; 0 where there is no chart"),
    Field("スコア (EX score)", "0 and `-` mean that it was not played"),
    Field("PGreat, Great", "left out where they are not those of the EX score"),
    Field("ミスカウント (miss count)", "`---` where it is not known"),
    Field("クリアタイプ (clear type)", "NO PLAY, FAILED, … FULLCOMBO CLEAR"),
    Field("DJ LEVEL", "not read"),
    Field("最終プレー日時", "when the song was played last, in Japan's time"),
)
_FORM = (
    Field("playtype", "`SP` or `DP`; the file does not say it"),
    Field(
        "assertPlaytypeCorrect",
        "any text, where the file's name says another playtype and is wrong",
    ),
)
_TEXT = (
    "The columns are read by their place: five columns of the song, seven for each of"
    f" {', '.join(LAYOUTS[41])} (before HEROIC VERSE: {', '.join(LAYOUTS[27])}), and"
    " the time. All charts are those of the newest version in the file. BEGINNER is not"
    " kept. Commas in titles, as the site writes them, are put together again. Rows of"
    " a version that is not known here wait for it as orphans."
)
EAMUSEMENT_ABOUT = About(
    title="beatmania IIDX: CSV of the e-amusement site",
    text=_TEXT,
    origin="p.eagate.573.jp, in the pages of the game: download of score data, for"
    " those with the premium course.",
    fields=_FIELDS,
    sample=SAMPLE,
    form=_FORM,
)
PLI_ABOUT = About(
    title="beatmania IIDX: CSV of PLI",
    text=f"The same columns as those of the e-amusement site. {_TEXT}",
    origin="The export of the network PLI.",
    fields=_FIELDS,
    sample=SAMPLE,
    form=_FORM,
)


def recognised(payload: bytes, filename: str, *, pli: bool) -> str | None:
    """By what this is a CSV of IIDX, if it is: only its name tells whose it is."""
    try:
        table = read_table(payload)
    except ImportRefused:
        return None
    if table is None or ("pli" in filename.lower()) is not pli:
        return None
    headers = table.headers
    begins = headers[5].split(" ")[0] if len(headers) >= 27 else ""
    if begins in ("BEGINNER", "NORMAL") and headers[-1].startswith("最終プレー日時"):
        of_whom = ", and its name contains 'pli'" if pli else ""
        return f"it has the columns of a CSV of IIDX, {len(headers)} of them{of_whom}"
    return None


EAMUSEMENT = Format(
    "file/eamusement-iidx-csv",
    partial(parse, service="e-amusement"),
    partial(convert, import_type="file/eamusement-iidx-csv"),
    about=EAMUSEMENT_ABOUT,
    games=("iidx",),
    servers=("kamai",),
    recognises=partial(recognised, pli=False),
    as_playtype=as_playtype,
)
PLI = Format(
    "file/pli-iidx-csv",
    partial(parse, service="PLI"),
    partial(convert, import_type="file/pli-iidx-csv"),
    about=PLI_ABOUT,
    games=("iidx",),
    servers=("kamai",),
    recognises=partial(recognised, pli=True),
    as_playtype=as_playtype,
)
