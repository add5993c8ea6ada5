"""Files of every format, as they really are, good and bad; all songs are invented."""

import json
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.formats.iidx_words import VERSIONS
from imports.models import Import
from scores.models import Score
from tests.factories import make_chart, make_song, make_token
from tests.imports.files import (
    IIDX_HEADER,
    SDVX_HEADER,
    block,
    iidx_csv,
    iidx_row,
    s3_song,
    s3_xml,
    sdvx_csv,
    sdvx_row,
)
from tests.imports.formats.test_cases import upload as post

pytestmark = pytest.mark.django_db
EAMUSEMENT, SDVX = "file/eamusement-iidx-csv", "file/eamusement-sdvx-csv"
S3, MER = "file/solid-state-squad", "file/mer-iidx"
RECORDS = "file/mypagescraper-records-csv"
PLAYER = "file/mypagescraper-player-csv"
A_PLAY = {"ANOTHER": block()}
MIDNIGHT = 1_624_320_000_000  # 2021-06-22 00:00 UTC: 9:00 in Japan
MER_ROW = {
    "music_id": 1001,
    "play_type": "SINGLE",
    "diff_type": "ANOTHER",
    "score": 900,
    "miss_count": 7,
    "clear_type": "FULLCOMBO CLEAR",
    "update_time": "2021-06-22 09:00:00",
}


def make_iidx(title, artist="Somebody", difficulty="ANOTHER", **fields):
    song = make_song("iidx", title=title, artist=artist)
    data = {"inGameID": fields.pop("in_game_id", 1001), "notecount": 1000}
    said = {"versions": ["28"], "difficulty": difficulty, **fields}
    return make_chart("iidx", said.pop("playtype", "SP"), song=song, data=data, **said)


@pytest.fixture
def world(settings):
    """A song "Moon" of each game, and an Aqua, with a comma."""
    settings.IMPORT_INLINE, settings.RATE_LIMITS = True, False
    wacca = make_song("wacca", title="Moon")
    sdvx = make_song("sdvx", title="Moon")
    make_chart("sdvx", song=sdvx)
    return SimpleNamespace(
        moon=make_iidx("Moon"),
        aqua=make_iidx("Aqua, Luna", "Duo, The", in_game_id=1002),
        aqua_alone=make_iidx("Aqua", "Someone else", in_game_id=1003),
        old=make_iidx("Old", versions=["3-cs"], is_primary=False),
        sdvx=make_chart("sdvx", song=sdvx, difficulty="ULT"),
        wacca=make_chart("wacca", song=wacca, difficulty="EXPERT", level=12.5),
    )


@pytest.fixture
def send(api, user, world):
    token = make_token(user, "submit_score")

    def send(import_type, text, filename="scores", **form):
        if import_type == EAMUSEMENT:
            form = {"playtype": "SP", **form}
        step = {"importType": import_type, "filename": filename, "form": form}
        if isinstance(text, bytes):
            file = SimpleUploadedFile(filename, text)
            fields = {"importType": import_type, "scoreData": file, **form}
            headers = {"Authorization": f"Bearer {token}"}
            return api.client.post("/api/v1/import/file", fields, headers=headers)
        return post(api, token, {**step, "text": text})

    return send


def said(answer):
    """How many scores there are, and the types of the errors."""
    body = answer.json()
    assert answer.status_code == 200, body
    errors = [error["type"] for error in body["body"]["errors"]]
    return body["body"]["counts"]["imported"], errors


def played(answer):
    """The one score that was imported."""
    assert said(answer) == (1, []), answer.json()
    return Score.objects.get()


GOOD = {
    "a row": iidx_csv(iidx_row(**A_PLAY)),
    "a mark of UTF-8": "\ufeff" + iidx_csv(iidx_row(**A_PLAY)),
    "ends of lines of Windows": iidx_csv(iidx_row(**A_PLAY)).replace("\n", "\r\n"),
    "ends of lines of old Macs": iidx_csv(iidx_row(**A_PLAY)).replace("\n", "\r"),
    "semicolons": iidx_csv(iidx_row(**A_PLAY)).replace(",", ";"),
    "tabs": iidx_csv(iidx_row(**A_PLAY)).replace(",", "\t"),
    "blank lines": iidx_csv("", iidx_row(**A_PLAY), "  ", ""),
    "quotes around everything": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(","))
        for line in iidx_csv(iidx_row(**A_PLAY)).strip().split("\n")
    ),
    "columns of a converter at the end": iidx_csv(
        iidx_row(**A_PLAY) + ",x,y", header=IIDX_HEADER + ",memo,more"
    ),
    "no end of the last line": iidx_csv(iidx_row(**A_PLAY)).rstrip(),
    "a title that a site rewrote": iidx_csv(iidx_row(" ＭＯＯＮ\u00a0", **A_PLAY)),
    "a time as spreadsheets have it": iidx_csv(
        iidx_row(time="2021/6/22 10:14", **A_PLAY)
    ),
    "an unpadded time of .NET": iidx_csv(iidx_row(time="6/22/2021 10:14:00", **A_PLAY)),
    "a time with its zone": iidx_csv(
        iidx_row(time="2021-06-22T01:14:00.0000000Z", **A_PLAY)
    ),
    "placeholders": iidx_csv(iidx_row(HYPER="7,-,-,-,-,FAILED,-", **A_PLAY)),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_csv_of_iidx_is_read_however_it_was_saved(send, world, text):
    score = played(send(EAMUSEMENT, text))
    assert score.chart == world.moon
    assert score.score_data["score"] == 1200
    assert score.score_data["judgements"] == {"pgreat": 500, "great": 200}
    assert score.score_data["optional"]["bp"] == 12
    assert score.time_achieved == 1_624_324_440_000
    assert score.service == "e-amusement"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_the_encoding_is_judged_by_the_mark(send, encoding):
    text = iidx_csv(iidx_row(**A_PLAY)).encode(encoding)
    assert said(send(EAMUSEMENT, text)) == (1, [])


#: What is wrong with a row beside a good one → the type of its error.
BAD_ROWS = {
    "too few cells": ("BISTROVER,Moon,GENRE", "InvalidDatapoint"),
    "too many cells": (iidx_row("a,b,c,d,e,f", **A_PLAY), "InvalidDatapoint"),
    "a line without end": ("x" * 20_000, "InvalidDatapoint"),
    "an EX score of letters": (iidx_row(ANOTHER=block("abc")), "InvalidDatapoint"),
    "an EX score of other digits": (
        iidx_row(ANOTHER=block("１２")),
        "InvalidDatapoint",
    ),
    "an EX score that is too high": (
        iidx_row(ANOTHER=block(2002, 1001, 0)),
        "InvalidDatapoint",
    ),
    "a PGREAT of letters": (iidx_row(ANOTHER=block(pgreat="x")), "InvalidDatapoint"),
    "a lamp of nobody": (iidx_row(ANOTHER=block(lamp="WON")), "InvalidDatapoint"),
    "too many misses": (iidx_row(ANOTHER=block(misses=10_000)), "InvalidDatapoint"),
    "misses below 0": (iidx_row(ANOTHER=block(misses=-1)), "InvalidDatapoint"),
    "half a miss": (iidx_row(ANOTHER=block(misses=0.5)), "InvalidDatapoint"),
    "a time of nobody": (iidx_row(time="soon", **A_PLAY), "InvalidDatapoint"),
    "a day of nobody": (iidx_row(time="2021-02-30 1:00", **A_PLAY), "InvalidDatapoint"),
    "a song of nobody": (iidx_row("Sun", **A_PLAY), "SongOrChartNotFound"),
    "a version ahead of us": (
        iidx_row(version="Tomorrow", **A_PLAY),
        "SongOrChartNotFound",
    ),
    "a chart of nobody": (iidx_row(HYPER=block()), "SongOrChartNotFound"),
}


@pytest.mark.parametrize(("row", "error"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_what_is_wrong_with_a_row_costs_that_row(send, row, error):
    answer = send(EAMUSEMENT, iidx_csv(iidx_row(**A_PLAY), "", row))
    assert said(answer) == (1, [error])
    assert [error["line"] for error in Import.objects.get().errors] == [4]


def test_a_row_of_a_version_ahead_of_us_comes_home_when_it_is_known(
    send, user, monkeypatch, api
):
    text = iidx_csv(iidx_row("Old", **A_PLAY), iidx_row(version="Tomorrow", **A_PLAY))
    answer = send(EAMUSEMENT, text)
    [_, message] = [error["message"] for error in answer.json()["body"]["errors"]]
    assert "'Tomorrow'" in message
    monkeypatch.setitem(VERSIONS, "Tomorrow", 28)
    token = make_token(user, "submit_score")
    found = api.post("/api/v1/import/orphans", token=token).json()["body"]
    assert found["success"] == 1


@pytest.mark.parametrize(
    ("title", "artist", "meant"),
    [
        ("Aqua, Luna", "Duo, The", "aqua"),
        ("Aqua, Luna", "Nobody", "aqua"),
        ("Aqua, Luna", "The, new, Duo, of five", None),
        ("Aqua", "Duo, The", None),
        ("Aqua", "Someone else", "aqua_alone"),
    ],
)
def test_commas_that_nobody_escaped_are_put_together_again(
    send, world, title, artist, meant
):
    row = iidx_row(title, **A_PLAY).replace("Somebody", artist)
    answer = send(EAMUSEMENT, iidx_csv(row))
    if meant is None:
        assert said(answer)[0] == 0
    else:
        assert played(answer).chart == getattr(world, meant)


def test_what_is_no_play_is_no_row(send):
    row = iidx_row(
        BEGINNER=block(),
        NORMAL=block("-", lamp="FAILED"),
        HYPER=block("", lamp="CLEAR"),
        ANOTHER=block(0, 0, 0),
        LEGGENDARIA=block(level=0),
    )
    answer = send(EAMUSEMENT, iidx_csv(row))
    assert answer.json()["body"]["counts"]["total"] == 0


def test_judgements_of_another_play_are_left_out(send):
    row = iidx_row(ANOTHER=block(1200, 500, 100))
    score = played(send(EAMUSEMENT, iidx_csv(row)))
    assert score.score_data["judgements"] == {}
    assert score.score_data["score"] == 1200


@pytest.mark.parametrize(
    ("form", "filename", "status"),
    [
        ({"playtype": "XX"}, "scores.csv", 400),
        ({"playtype": ""}, "scores.csv", 400),
        ({}, "my_DP.csv", 400),
        ({"assertPlaytypeCorrect": ""}, "my_dp.csv", 400),
        ({"assertPlaytypeCorrect": "true"}, "my_dp.csv", 200),
        ({"playtype": "DP"}, "sp.csv", 400),
        ({}, "sp.csv", 200),
    ],
)
def test_the_playtype_is_asked_for(send, form, filename, status):
    answer = send(EAMUSEMENT, iidx_csv(iidx_row(**A_PLAY)), filename, **form)
    assert answer.status_code == status


#: Files that are refused as a whole.
REFUSED = {
    "no row of IIDX": (EAMUSEMENT, iidx_csv()),
    "no version that we know": (EAMUSEMENT, iidx_csv(iidx_row(version="?", **A_PLAY))),
    "no version that can be imported": (
        EAMUSEMENT,
        iidx_csv(iidx_row(version="GOLD", **A_PLAY)),
    ),
    "nothing": (EAMUSEMENT, ""),
    "another table": (EAMUSEMENT, "a,b,c\n1,2,3\n"),
    "too many columns": (EAMUSEMENT, ",".join("x" * 60)),
    "a header without end": (EAMUSEMENT, "x" * 1_001),
    "no table of SDVX": (SDVX, "a,b\n"),
    "a table of SDVX IV": (SDVX, "a,b,c,d,e,f,g,h,i,j\n"),
    "no table": (SDVX, ""),
    "no XML": (S3, "hello"),
    "no XML at all": (S3, ""),
    "XML without an end": (S3, s3_xml(s3_song("Old"))[:-9]),
    "XML of another kind": (S3, "<a><b/></a>"),
    "no songs": (S3, s3_xml()),
    "no user": (S3, s3_xml(s3_song("Old"), user="")),
    "a lamp of nobody": (S3, s3_xml(s3_song("Old", clear="won"))),
    "modifiers of nobody": (S3, s3_xml(s3_song("Old", mods="1"))),
    "a gauge of nobody": (S3, s3_xml(s3_song("Old", mods="<hardeasy>X</hardeasy>"))),
    "a charset of nobody": (S3, '<?xml version="1.0" encoding="x"?><s3data/>'),
    "an entity": (S3, '<!DOCTYPE a [<!ENTITY x "Old">]>' + s3_xml(s3_song("&x;"))),
    "something outside": (
        S3,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><s3data>&x;</s3data>',
    ),
    "a DTD outside": (S3, '<!DOCTYPE a SYSTEM "http://localhost/x"><s3data/>'),
    "a column missing": (RECORDS, "music_id,music_title\n1,Moon\n"),
    "no player": (PLAYER, ""),
    "two players": (PLAYER, 'player_stage\n"[1,I,1]"\n"[2,II,1]"\n'),
    "a player of no form": (PLAYER, "player_stage\nXII\n"),
    "no stage": (PLAYER, 'player_stage\n"[0,-,0]"\n'),
    "a stage of nobody": (PLAYER, 'player_stage\n"[15,XV,3]"\n'),
    "no list": (MER, "{}"),
    "no JSON": (MER, "[{]"),
    "a list of NULs": (MER, '["\\u0000"]'),
}


@pytest.mark.parametrize(("import_type", "text"), REFUSED.values(), ids=REFUSED)
def test_a_file_of_which_nothing_can_be_read_is_refused(send, import_type, text):
    answer = send(import_type, text)
    assert answer.status_code == 400
    assert answer.json()["description"]
    assert not Score.objects.exists()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (SDVX_HEADER, sdvx_row("Moon", 0, "PLAYED", difficulty="ULTIMATE", level=17.5)),
        (
            SDVX_HEADER.replace("EXスコア,", ""),
            sdvx_row("Moon", 0, "PLAYED", "", difficulty="ULTIMATE").replace(",,", ","),
        ),
        (
            SDVX_HEADER + ",メモ",
            sdvx_row("Moon", 0, "PLAYED", difficulty="ULTIMATE") + ",x",
        ),
    ],
    ids=["a level of NABLA", "no EX score", "a further column"],
)
def test_a_csv_of_sdvx_is_read_with_levels_and_columns_of_other_years(
    send, world, header, row
):
    score = played(send(SDVX, sdvx_csv(row, header=header)))
    assert (score.chart, score.time_achieved) == (world.sdvx, None)
    assert (score.score_data["score"], score.score_data["lamp"]) == (0, "FAILED")
    assert score.score_data["optional"]["exScore"] is None


def test_rows_of_sdvx_that_are_wrong_cost_themselves(send):
    rows = [
        sdvx_row("Moon", ex_score=4000),
        sdvx_row("Moon", difficulty="COSMIC"),
        sdvx_row("Moon", "x"),
        sdvx_row("Moon", lamp="SAVED"),
        sdvx_row("Moon", 10_000_001),
        sdvx_row("Moon", ex_score="x"),
        sdvx_row("Sun"),
        sdvx_row("Moon", "-", "PLAYED"),
        sdvx_row("Moon", 0, "NO PLAY"),
        "Moon,EXHAUST",
    ]
    wrong, unknown = "InvalidDatapoint", "SongOrChartNotFound"
    expected = [unknown, wrong, wrong, wrong, wrong, unknown, wrong]
    assert said(send(SDVX, sdvx_csv(*rows))) == (1, expected)
    assert "COSMIC" in Import.objects.get().errors[0]["message"]


def test_xml_of_solid_state_squad_is_read(send, world):
    songs = [s3_song("OLD", 600, 1_267_000_000_000, comment="well & good", mods="")]
    songs.append(s3_song("Old", diff="5"))
    score = played(send(S3, s3_xml(*songs)))
    assert (score.chart, score.time_achieved) == (world.old, 1_267_000_000_000)
    assert score.comment == "well & good"
    assert score.score_data["judgements"]["poor"] == 3


def test_songs_of_solid_state_squad_that_are_wrong_cost_themselves(send):
    songs = [
        s3_song("Old", mods="<hardeasy>H</hardeasy>"),
        s3_song("Moon", styles="cs99"),
        s3_song("Old", diff="A14"),
        s3_song("Old", 3_000),
        s3_song("Sun"),
    ]
    wrong, unknown = "InvalidDatapoint", "SongOrChartNotFound"
    expected = [wrong, unknown, wrong, unknown]
    assert said(send(S3, s3_xml(*songs))) == (1, expected)
    assert Score.objects.get().score_data["lamp"] == "HARD CLEAR"


def test_records_of_wacca_are_read_and_what_is_wrong_costs_its_row(send, world):
    header = "music_title,music_id,music_levels,music_scores,music_achieves,more\n"
    rows = [
        'Moon,1,"[3,8,12.5,0]","[0,0,950000]","[0,0,2]",x',
        'Moon,1,"[3,8,12,0]","[0,0,950000]","[0,0,2]",x',
        'Moon,1,"[0,0,12.5,0]",oops,"[0,0,2]",x',
        'Moon,1,"[0,0,12.5]","[0,0,940000]","[0,0,9]",x',
        "Moon,1",
        'Sun,1,"[1,0,0]","[950000]","[1]",x',
    ]
    wrong, unknown = "InvalidDatapoint", "SongOrChartNotFound"
    answer = send(RECORDS, "\ufeff" + header + "\n".join(rows))
    assert said(answer) == (1, [wrong, wrong, wrong, wrong, unknown])
    assert Score.objects.get().chart == world.wacca
    assert said(send(RECORDS, "")) == (0, [])


def test_a_player_of_wacca_has_a_class(send):
    answer = send(PLAYER, '\ufeffplayer_name,player_stage\nA,"[12,ステージXII,3]"\n')
    [delta] = answer.json()["body"]["classDeltas"]
    assert (delta["set"], delta["new"]) == ("stageUp", "XII")


def test_scores_of_mer_are_read_and_what_is_wrong_costs_its_row(send, world):
    rows = [
        MER_ROW,
        {**MER_ROW, "diff_type": "BEGINNER"},
        {**MER_ROW, "score": 0, "clear_type": "NO PLAY"},
        {**MER_ROW, "music_id": True},
        {**MER_ROW, "play_type": "TRIPLE"},
        {**MER_ROW, "clear_type": "WON"},
        {**MER_ROW, "update_time": "soon"},
        {**MER_ROW, "music_id": 9},
        {**MER_ROW, "play_type": "DOUBLE"},
        None,
        [],
    ]
    wrong, unknown = "InvalidDatapoint", "SongOrChartNotFound"
    expected = [wrong, wrong, wrong, wrong, unknown, unknown, wrong, wrong]
    assert said(send(MER, json.dumps(rows))) == (1, expected)
    score = Score.objects.get()
    assert (score.chart, score.time_achieved) == (world.moon, MIDNIGHT)
    assert (score.score_data["lamp"], score.service) == ("FULL COMBO", "MER")


def test_the_same_row_is_the_same_orphan_wherever_it_stands(send):
    send(EAMUSEMENT, iidx_csv(iidx_row("Sun", **A_PLAY), iidx_row(**A_PLAY)))
    answer = send(EAMUSEMENT, iidx_csv(iidx_row(**A_PLAY), iidx_row("Sun", **A_PLAY)))
    assert [e["type"] for e in answer.json()["body"]["errors"]] == ["OrphanExists"]
