import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.pipeline import Sent, accept, run_inline
from scores.models import (
    Chart,
    ChartIdentifier,
    GameStats,
    PersonalBest,
    Score,
    Song,
)
from scores.seeds.checks import shown
from tests.factories import make_user
from tests.shared_data import SHARED, needs_shared_data

SAMPLE = settings.BASE_DIR / "scores" / "sample"


def make_song(**fields):
    return {
        "id": 7,
        "title": "Glass Sea",
        "artist": "kawa-no-hito",
        "searchTerms": [],
        "altTitles": [],
        "data": {"displayVersion": "booth"},
        **fields,
    }


def make_chart(**fields):
    return {
        "chartID": "c7",
        "songID": 7,
        "playtype": "Single",
        "difficulty": "EXH",
        "level": "16",
        "levelNum": 16,
        "isPrimary": True,
        "versions": ["booth"],
        "data": {"inGameID": 70},
        **fields,
    }


@pytest.fixture
def seeds(tmp_path):
    """Writes files of sdvx, texts as they are, loads them, returns what is printed."""

    def write_and_load(songs=None, charts=None, *options):
        for kind, content in (("songs", songs), ("charts", charts)):
            path = tmp_path / f"{kind}-sdvx.json"
            path.unlink(missing_ok=True)
            if content is not None:
                text = content if isinstance(content, str) else json.dumps(content)
                path.write_bytes(text.encode(errors="surrogateescape"))
        return load(tmp_path, *options)

    return write_and_load


def load(directory, *options):
    out = StringIO()
    call_command("load_seeds", directory, *options, stdout=out)
    return out.getvalue()


def names(kind):
    found = ChartIdentifier.objects.filter(kind=kind)
    return sorted(found.values_list("value", flat=True))


@pytest.mark.django_db
class TestLoading:
    def test_stores_what_the_files_say(self, seeds):
        seeds([make_song(altTitles=["硝子の海"])], [make_chart(levelNum=16.5)])
        song = Song.objects.get(game="sdvx", song_id=7)
        chart = Chart.objects.get(game="sdvx", chart_id="c7")
        assert (song.title, song.alt_titles) == ("Glass Sea", ["硝子の海"])
        assert (chart.song, chart.gpt, chart.level_num) == (song, "sdvx:Single", 16.5)
        assert (chart.versions, chart.data) == (["booth"], {"inGameID": 70})

    def test_makes_songs_and_charts_known_by_their_names(self, seeds):
        seeds([make_song(altTitles=["硝子の海"])], [make_chart()])
        assert names("title") == ["glass sea", "硝子の海"]
        assert names("inGameID") == ["70"]

    def test_a_second_load_changes_nothing(self, seeds):
        seeds([make_song()], [make_chart()])
        before = list(ChartIdentifier.objects.values_list("pk", flat=True))
        printed = seeds([make_song()], [make_chart()])
        assert printed.count("0 created, 0 changed, 1 unchanged") == 2
        assert before == list(ChartIdentifier.objects.values_list("pk", flat=True))

    def test_writes_only_what_changed(self, seeds):
        one, other = make_song(), make_song(id=8, title="Null Island")
        seeds([one, other], [make_chart()])
        kept = ChartIdentifier.objects.get(value="null island").pk
        printed = seeds([make_song(title="Glass Ocean"), other], [make_chart()])
        assert "songs 2 (0 created, 1 changed, 1 unchanged)" in printed
        assert names("title") == ["glass ocean", "null island"]
        assert ChartIdentifier.objects.get(value="null island").pk == kept

    def test_a_changed_chart_keeps_its_row_and_gets_new_names(self, seeds):
        seeds([make_song()], [make_chart()])
        row = Chart.objects.get().pk
        seeds([make_song()], [make_chart(level="17", data={"inGameID": 71})])
        assert (Chart.objects.get().pk, Chart.objects.get().level) == (row, "17")
        assert names("inGameID") == ["71"]

    def test_what_is_in_no_file_stays(self, seeds):
        seeds([make_song()], [make_chart()])
        seeds([make_song(id=8)], [], "--allow-missing")
        assert list(Song.objects.values_list("song_id", flat=True)) == [7, 8]
        assert Chart.objects.count() == 1

    def test_charts_may_come_alone_once_their_songs_are_known(self, seeds):
        seeds([make_song()])
        seeds(None, [make_chart()])
        assert Chart.objects.get().song == Song.objects.get()

    def test_the_charts_of_a_game_with_one_difficulty_need_not_say_so(self, tmp_path):
        data = {"genre": None, "subartist": None, "subtitle": None, "tableString": None}
        chart = make_chart(
            playtype="Controller",
            versions=[],
            data={
                "hashMD5": "d1",
                "hashSHA256": "a1",
                "notecount": 5,
                "sglEC": None,
                "sglHC": None,
                "tableFolders": [],
            },
        )
        del chart["difficulty"], chart["isPrimary"]
        (tmp_path / "songs-pms.json").write_text(json.dumps([make_song(data=data)]))
        (tmp_path / "charts-pms.json").write_text(json.dumps([chart]))
        load(tmp_path)
        assert (Chart.objects.get().difficulty, Chart.objects.get().is_primary) == (
            "CHART",
            True,
        )

    def test_costs_as_many_statements_for_many_as_for_one(self, seeds):
        def statements(ids):
            songs = [make_song(id=i, title=f"Sea {i}") for i in ids]
            charts = [
                make_chart(chartID=f"c{i}", songID=i, data={"inGameID": i}) for i in ids
            ]
            with CaptureQueriesContext(connection) as queries:
                seeds(songs, charts, "--allow-missing")
            return len(queries)

        statements(range(1))  # queues the job that tries orphans again
        assert statements(range(1, 2)) == statements(range(100, 170))


@pytest.mark.django_db
class TestScoresOnWhatChanged:
    @pytest.fixture
    def player(self):
        load(SAMPLE, "--game", "sdvx")
        player = make_user()
        payload = (SAMPLE / "batch-manual-sdvx.json").read_bytes()
        run_inline(accept(Sent(player, "file/batch-manual", payload), inline=True))
        return player

    def changed_charts(self, tmp_path, **fields):
        charts = json.loads((SAMPLE / "charts-sdvx.json").read_text())
        text = json.dumps([{**chart, **fields} for chart in charts])
        (tmp_path / "charts-sdvx.json").write_text(text)
        load(tmp_path)

    def test_are_rated_anew_with_all_that_follows(self, player, tmp_path):
        score = Score.objects.get(chart__difficulty="XCD")
        before = GameStats.objects.get(user=player).ratings["VF6"]
        self.changed_charts(tmp_path, level="1", levelNum=1)
        assert Score.objects.get(pk=score.pk).rating_1 < score.rating_1 / 10
        assert GameStats.objects.get(user=player).ratings["VF6"] < before

    def test_count_no_more_when_their_chart_is_primary_no_more(self, player, tmp_path):
        self.changed_charts(tmp_path, isPrimary=False)
        assert not PersonalBest.objects.filter(is_primary=True).exists()
        assert GameStats.objects.get(user=player).ratings == {"VF6": None}


@pytest.mark.django_db
class TestGames:
    def test_the_sample_of_the_repository_loads(self):
        printed = load(SAMPLE)
        assert [line.partition(":")[0] for line in printed.splitlines()] == [
            "chunithm",
            "iidx",
            "sdvx",
        ]

    def test_only_the_games_asked_for_are_loaded(self):
        load(SAMPLE, "--game", "sdvx", "chunithm")
        assert set(Song.objects.values_list("game", flat=True)) == {"sdvx", "chunithm"}

    def test_a_game_without_files_is_refused(self):
        with pytest.raises(CommandError, match=r"no songs-museca.json and no charts-"):
            load(SAMPLE, "--game", "sdvx", "museca")

    def test_a_game_without_rules_is_refused(self, tmp_path):
        (tmp_path / "songs-drumfest.json").write_text("[]")
        with pytest.raises(CommandError, match="no rules for the game 'drumfest'"):
            load(tmp_path)

    def test_a_directory_without_seeds_is_refused(self, tmp_path):
        with pytest.raises(CommandError, match=r"no songs-GAME.json and no charts-"):
            load(tmp_path)

    def test_what_is_no_directory_is_refused(self):
        with pytest.raises(CommandError, match="is not a directory"):
            load(SAMPLE / "songs-sdvx.json")

    @pytest.mark.slow
    @needs_shared_data
    def test_all_the_real_seeds_load_and_load_again(self):
        directory = SHARED / "seeds" / "collections"
        load(directory)
        assert Chart.objects.count() > 90_000
        games = {path.stem[7:] for path in directory.glob("charts-*.json")}
        assert set(Chart.objects.values_list("game", flat=True)) == games
        again = load(directory)
        assert again.count("0 created, 0 changed") == 2 * len(games)


REFUSED = {
    "not JSON": ("[{", [], "songs-sdvx.json is not JSON"),
    "bytes that are no text": ("\udc80", [], "songs-sdvx.json is not UTF-8"),
    "no list": ({}, [], "songs-sdvx.json has to be a list of songs"),
    "nested beyond reason": ("[" * 100_000, [], "songs-sdvx.json is nested too"),
    "infinity": ("[1e999]", [], "songs-sdvx.json is not JSON: .*too large"),
    "not a number": ("[NaN]", [], "songs-sdvx.json is not JSON: .*NaN"),
    "a giant": ("[" + "9" * 5000 + "]", [], "songs-sdvx.json is not JSON: .*too large"),
    "no object": ([5], [], r"songs-sdvx.json, record 0: it has to be an object"),
    "a missing field": (
        [make_song(), {"id": 8}],
        [],
        r"songs-sdvx.json, record 1 \(id 8\): title is missing",
    ),
    "an unknown field": ([make_song(game="x")], [], 'id 7.: game may not be "x"'),
    "a wrong type": ([make_song(title=5)], [], r"\(id 7\): title may not be 5"),
    "a wrong type in a list": (
        [make_song(altTitles=["a", None])],
        [],
        r"altTitles.1 may not be null",
    ),
    "a boolean for a number": ([make_song(id=True)], [], "id may not be true"),
    "an id that no database holds": ([make_song(id=2**31)], [], "id may not be 2147"),
    "data that is no object": ([make_song(data=[])], [], r"data may not be \[\]"),
    "a song's data that the game does not know": (
        [make_song(data={"displayVersion": "booth", "bpm": 1})],
        [],
        r"\(id 7\): data.bpm may not be 1",
    ),
    "the same song twice": (
        [make_song(), make_song()],
        [],
        r"songs-sdvx.json, record 1 \(id 7\): this id is there twice",
    ),
    "NUL": ([make_song(artist="a\0b")], [], r"\(id 7\): artist holds NUL"),
    "half a character": (
        [make_song(data={"displayVersion": "\ud800"})],
        [],
        r"\(id 7\): data.displayVersion holds NUL or half a character",
    ),
    "half a character in a key": (
        [make_song(data={"\ud800": 1})],
        [],
        r"\(id 7\): data holds NUL or half a character",
    ),
    "half a character, deep inside": (
        f'[{{"id": 7, "data": {"[" * 500}"\\ud800"{"]" * 500}}}]',
        [],
        r"\(id 7\): data.0.0.* holds NUL or half a character",
    ),
    "a title that no index holds": (
        [make_song(title="a" * 3000)],
        [],
        "title is longer than 500 characters",
    ),
    "a chart's data that the game does not know": (
        [make_song()],
        [make_chart(data={"inGameID": "70"})],
        r'charts-sdvx.json, record 0 \(chartID "c7"\): data.inGameID may not be "70"',
    ),
    "a chart's data that lacks something": (
        [make_song()],
        [make_chart(data={})],
        r"data.inGameID is missing",
    ),
    "a chart of no song": (
        [make_song()],
        [make_chart(songID=8)],
        r'charts-sdvx.json, record 0 \(chartID "c7"\): no song has songID 8',
    ),
    "the same chart twice": (
        [make_song()],
        [make_chart(), make_chart()],
        "record 1 .*: this chartID is there twice",
    ),
    "another playtype": (
        [make_song()],
        [make_chart(playtype="DP")],
        'playtype "DP" is not Single',
    ),
    "another difficulty": (
        [make_song()],
        [make_chart(difficulty="CHALLENGE")],
        'difficulty "CHALLENGE" is not one of the game',
    ),
    "an unknown version": (
        [make_song()],
        [make_chart(versions=["booth", "ninth"])],
        'versions: "ninth" is not one of the game',
    ),
    "a version twice": (
        [make_song()],
        [make_chart(versions=["booth", "booth"])],
        "versions has one of them twice",
    ),
    "a chart id that no column holds": (
        [make_song()],
        [make_chart(chartID="c" * 65)],
        "chartID is longer than 64 characters",
    ),
}


def test_no_value_is_nested_too_deeply_to_be_shown():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "something that is nested too deeply"


@pytest.mark.django_db
class TestRefusing:
    @pytest.mark.parametrize(
        ("songs", "charts", "told"), REFUSED.values(), ids=REFUSED.keys()
    )
    def test_bad_files_are_refused_whole(self, seeds, songs, charts, told):
        with pytest.raises(CommandError, match=told):
            seeds(songs, charts)
        assert not Song.objects.exists()

    def test_a_chart_never_changes_its_playtype(self, tmp_path):
        load(SAMPLE, "--game", "iidx")
        chart = json.loads((SAMPLE / "charts-iidx.json").read_text())[0]
        other = {**chart, "playtype": "DP"}
        (tmp_path / "charts-iidx.json").write_text(json.dumps([other]))
        with pytest.raises(CommandError, match="its playtype has been SP until now"):
            load(tmp_path, "--allow-missing")

    def test_a_bad_game_keeps_the_good_ones_out(self, tmp_path):
        for path in SAMPLE.glob("*-chunithm.json"):
            (tmp_path / path.name).write_text(path.read_text())
        (tmp_path / "charts-sdvx.json").write_text(json.dumps([make_chart()]))
        with pytest.raises(CommandError, match=r"charts-sdvx.json.*no song has song"):
            load(tmp_path)
        assert not Song.objects.exists()
        assert not ChartIdentifier.objects.exists()
