"""The same plays, as every format but BATCH-MANUAL has them.

A chart has a number and a title; `make_everywhere` makes one of them in each game.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.factories import make_chart, make_song
from tests.imports.boku_hooks import (
    beatoraja_play,
    lr2_play,
    make_bms_chart,
    make_usc_chart,
    usc_play,
)
from tests.imports.files import (
    block,
    iidx_csv,
    iidx_row,
    make_console_chart,
    s3_song,
    s3_xml,
    sdvx_csv,
    sdvx_row,
)
from tests.imports.hooks import (
    fervidex_play,
    kshook_best,
    kshook_play,
    make_iidx_chart,
    vivid_play,
)

#: Versions of the SOUND VOLTEX charts that the formats mean.
SDVX_VERSIONS = ["konaste", "vivid"]
WACCA = "music_id,music_title,music_levels,music_scores,music_achieves"


class Played(NamedTuple):
    """A play: `points` are up to a thousand; the time is in unix milliseconds."""

    number: int
    title: str
    points: int
    is_clear: bool
    time: int | None
    comment: str | None

    @property
    def sha256(self) -> str:
        return f"{self.number:064x}"

    @property
    def md5(self) -> str:
        return f"{self.number:032x}"


class Written(NamedTuple):
    """How a format has plays: each as a row, the rows as a text, and its parameters.

    A hook sends one play at a time.
    """

    row: Callable[[Played], Any]
    whole: Callable[[list], str]
    parameters: dict[str, Any] = {}
    is_one: bool = False


def make_everywhere(number: int, title: str) -> None:
    """A chart of that number and title in each game but SOUND VOLTEX."""
    named = Played(number, title, 0, False, None, None)
    make_console_chart(title)
    song = make_song("iidx", title=f"{title} of the arcade")
    make_iidx_chart(number, ("28", "33"), song)
    make_chart("wacca", song=make_song("wacca", title=title), difficulty="HARD")
    make_bms_chart(sha256=named.sha256, md5=named.md5)
    make_usc_chart(f"{number:040x}")


def one(rows: list) -> str:
    return json.dumps(rows[0])


def iidx_of_the_arcade(p: Played) -> str:
    clear = "CLEAR" if p.is_clear else "FAILED"
    another = block(p.points, p.points // 2, p.points % 2, lamp=clear)
    title = f"{p.title} of the arcade"
    return iidx_row(title, "Sparkle Shower", written(p.time), ANOTHER=another)


def written(time: int | None) -> str:
    """In Japan, as KONAMI's files have it; empty where it is not known."""
    if time is None:
        return ""
    return f"{datetime.fromtimestamp(time / 1000 + 9 * 3600, UTC):%Y-%m-%d %H:%M}"


def mer(p: Played) -> dict:
    return {
        "music_id": p.number,
        "play_type": "SINGLE",
        "diff_type": "ANOTHER",
        "score": p.points,
        "miss_count": 7,
        "clear_type": "CLEAR" if p.is_clear else "FAILED",
        "update_time": written(p.time),
    }


def fervidex(p: Played) -> dict:
    counts = {"pgreat": p.points // 2, "great": p.points % 2, "ex_score": p.points}
    clear = 4 if p.is_clear else 1
    return fervidex_play(entry_id=p.number, clear_type=clear, **counts, highlight=True)


def fervidex_best(p: Played) -> tuple[str, dict]:
    best = {"ex_score": p.points, "clear_type": 4 if p.is_clear else 1}
    return str(p.number), {"spa": best}


def sdvx_score(p: Played) -> int:
    return 9_000_000 + p.points


def kshook(p: Played) -> dict:
    clear = "CLEAR_EFFECTIVE" if p.is_clear else "CLEAR_PLAYED"
    return {"music_id": p.number, "score": sdvx_score(p), "clear": clear}


def wacca(p: Played) -> str:
    lists = f'"[0,17]","[0,{p.points}]","[0,{int(p.is_clear)}]"'
    return f"1,{p.title},{lists}"


def beatoraja(p: Played) -> dict:
    clear = "Normal" if p.is_clear else "Failed"
    score = {"sha256": p.sha256, "exscore": p.points, "clear": clear}
    half = {"epg": p.points // 2, "lpg": 0, "egr": p.points % 2, "lgr": 0}
    # Without an MD5 nobody waits for the chart to be made.
    return beatoraja_play(score | half, {"sha256": p.sha256, "md5": ""})


def lr2(p: Played) -> dict:
    clear = "NORMAL" if p.is_clear else "FAIL"
    half = {"pgreat": p.points // 2, "great": p.points % 2}
    score = {"exScore": p.points, "lamp": clear, **half}
    return lr2_play(score, md5=p.md5, unixTimestamp=(p.time or 0) // 1000)


def usc(p: Played) -> dict:
    gauge = 0.8 if p.is_clear else 0.2
    return usc_play(sdvx_score(p), f"{p.number:040x}", gauge=gauge)


#: Import type → how plays are written.
FORMATS = {
    "file/eamusement-iidx-csv": Written(
        iidx_of_the_arcade, lambda rows: iidx_csv(*rows), {"playtype": "SP"}
    ),
    "file/pli-iidx-csv": Written(
        iidx_of_the_arcade, lambda rows: iidx_csv(*rows), {"playtype": "SP"}
    ),
    "file/eamusement-sdvx-csv": Written(
        lambda p: sdvx_row(
            p.title, sdvx_score(p), "COMPLETE" if p.is_clear else "PLAYED"
        ),
        lambda rows: sdvx_csv(*rows),
    ),
    "file/solid-state-squad": Written(
        lambda p: s3_song(
            p.title,
            p.points,
            p.time,
            clear="cleared" if p.is_clear else "played",
            comment=p.comment,
        ),
        lambda rows: s3_xml(*rows),
    ),
    "file/mypagescraper-records-csv": Written(
        wacca, lambda rows: "\n".join([WACCA, *rows, ""])
    ),
    "file/mypagescraper-player-csv": Written(
        lambda p: p.points, lambda rows: 'player_stage\n"[5,name,1]"\n'
    ),
    "file/mer-iidx": Written(mer, json.dumps),
    "ir/fervidex": Written(fervidex, one, {"version": "28"}, is_one=True),
    "ir/fervidex-static": Written(
        fervidex_best,
        lambda rows: json.dumps({"scores": dict(rows)}),
        {"version": "28", "scores": True},
    ),
    "ir/kshook-sv6c": Written(lambda p: kshook_play(**kshook(p)), one, is_one=True),
    "ir/kshook-sv6c-static": Written(
        lambda p: kshook_best(**kshook(p), timestamp=(p.time or 0) // 1000),
        lambda rows: json.dumps({"scores": rows}),
    ),
    "ir/barbatos": Written(
        lambda p: vivid_play(
            song_id=p.number, score=sdvx_score(p), clear_type=1 + p.is_clear
        ),
        one,
        is_one=True,
    ),
    "ir/beatoraja": Written(beatoraja, one, is_one=True),
    "ir/lr2hook": Written(lr2, one, is_one=True),
    "ir/usc": Written(usc, one, {"playtype": "Controller"}, is_one=True),
}
