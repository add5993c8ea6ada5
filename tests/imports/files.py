"""Files of scores as sites write them, of invented songs."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from tests.factories import make_chart, make_song

SDVX_HEADER = (
    "楽曲名,難易度,楽曲レベル,クリアランク,スコアグレード,ハイスコア,EXスコア,プレー回数,"
    "クリア回数,ULTIMATE CHAIN,PERFECT"
)
BLOCKS = ("BEGINNER", "NORMAL", "HYPER", "ANOTHER", "LEGGENDARIA")
UNPLAYED = "0,0,0,0,---,NO PLAY,---"
IIDX_HEADER = ",".join(
    [
        "バージョン,タイトル,ジャンル,アーティスト,プレー回数",
        *(f"{each} {n}" for each in BLOCKS for n in range(7)),
        "最終プレー日時",
    ]
)


def sdvx_row(title, score=9_000_000, lamp="COMPLETE", ex_score=0, **said):
    difficulty, level = said.get("difficulty", "EXHAUST"), said.get("level", 17)
    return f"{title},{difficulty},{level},{lamp},AAA,{score},{ex_score},1,1,0,0"


def sdvx_csv(*rows, header=SDVX_HEADER):
    return "\n".join([header, *rows, ""])


def iidx_row(title="Moon", version="BISTROVER", time="2021-06-22 10:14", **blocks):
    """A song whose blocks are by their difficulty, as `ANOTHER="10,1200,…"`."""
    cells = [blocks.get(each, UNPLAYED) for each in BLOCKS]
    return ",".join([version, title, "GENRE", "Somebody", "3", *cells, time])


def block(score=1200, pgreat=500, great=200, misses=12, lamp="HARD CLEAR", level=10):
    return f"{level},{score},{pgreat},{great},{misses},{lamp},A"


def iidx_csv(*rows, header=IIDX_HEADER):
    return "\n".join([header, *rows, ""])


def s3_song(title, score=600, time=None, **said):
    """A play with a breakdown that makes its score."""
    date = datetime.fromtimestamp((time or 1_300_000_000_000) / 1000, UTC)
    comment = said.get("comment")
    told = f"<comment>{escape(comment)}</comment>" if comment else ""
    return (
        f"<song><id>1</id><diff>{said.get('diff', 'A')}</diff>"
        f"<songname><![CDATA[{title}]]></songname>"
        f"<styles>{said.get('styles', 'djt,3rd')}</styles><exscore>{score}</exscore>"
        f"<scorebreakdown><justgreats>{score // 2}</justgreats>"
        f"<greats>{score % 2}</greats><good>0</good><bad>0</bad><poor>3</poor>"
        f"</scorebreakdown><mods>{said.get('mods', '<sudden/>')}</mods>"
        f"<cleartype>{said.get('clear', 'cleared')}</cleartype>"
        f"<date>{date:%Y-%m-%d %H:%M:%S}</date>{told}</song>"
    )


def s3_xml(*songs, user="<id>1</id><login>a</login><djname>A</djname>"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s3data version="0.1" xmlns="http://example.org/s3">'
        f"<userdata>{user}</userdata><scoredata>{''.join(songs)}</scoredata></s3data>"
    )


def make_console_chart(title):
    """A chart of IIDX on a console, which the XML of Solid State Squad is about."""
    make_chart(
        "iidx",
        "SP",
        song=make_song("iidx", title=title),
        difficulty="ANOTHER",
        is_primary=False,
        versions=["3-cs"],
        data={"inGameID": 1, "notecount": 1000},
    )
