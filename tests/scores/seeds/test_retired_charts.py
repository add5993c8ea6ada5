"""Charts that a full file lists no more, or again: what is kept and what is matched."""

import json

import pytest
from django.core.management import CommandError

from scores.models import Chart, GameStats, PersonalBest, PlayerToRerate, Score
from scores.seeds.unlisted import ToldOfChart, add_chart
from tachi.jobs.models import Job
from tests.factories import NOON, document, make_import, make_token, play
from tests.scores.seeds.test_seeds import load, make_chart, make_song
from tests.state import state_of

pytestmark = pytest.mark.django_db
DIFFICULTIES = ("NOV", "ADV", "EXH", "MXM", "INF")
SONGS = [make_song(id=number, title=f"Sea {number}") for number in (1, 2)]


def charts_of(song, *, prefix="c", in_game_id=None, difficulties=DIFFICULTIES):
    return [
        make_chart(
            chartID=f"{prefix}{song}{name}",
            songID=song,
            difficulty=name,
            data={"inGameID": in_game_id or song},
        )
        for name in difficulties
    ]


CHARTS = charts_of(1) + charts_of(2)


@pytest.fixture
def seeds(tmp_path):
    def write_and_load(songs, charts, *options, game="sdvx"):
        for kind, content in (("songs", songs), ("charts", charts)):
            path = tmp_path / f"{kind}-{game}.json"
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_text(json.dumps(content))
        return load(tmp_path, *options)

    write_and_load(SONGS, CHARTS)
    return write_and_load


def retired():
    found = Chart.objects.filter(retired_at__isnull=False).order_by("chart_id")
    return list(found.values_list("chart_id", flat=True))


def matched(api, user, told):
    """The id of the chart that a play sent over HTTP is on, or the error of the row."""
    body = document({"score": 9_000_000, "lamp": "CLEAR", **told})
    token = make_token(user, "submit_score")
    sent = api.post("/ir/direct-manual/import", body, token=token)
    assert sent.status_code == 200, sent.content
    told = sent.json()["body"]
    if told["errors"]:
        return told["errors"][0]["type"]
    [score_id] = told["scoreIDs"]
    shown = api.get(f"/api/v1/scores/{score_id}").json()["body"]["score"]
    return shown["chartID"]


@pytest.fixture
def inline(settings):
    settings.IMPORT_INLINE = True


class TestWhatIsRetired:
    def test_is_what_a_full_file_lists_no_more(self, seeds):
        printed = seeds(SONGS, CHARTS[1:])
        assert retired() == ["c1NOV"]
        assert "sdvx: 1 chart retired" in printed
        assert "retired" not in seeds(SONGS, CHARTS[1:])  # it is so already

    def test_is_listed_again_when_a_file_lists_it_again(self, seeds):
        seeds(SONGS, CHARTS[1:])
        printed = seeds(SONGS, CHARTS)
        assert retired() == []
        assert "sdvx: 1 chart listed again" in printed
        assert "0 created, 0 changed, 10 unchanged" in printed

    def test_is_nothing_where_there_is_no_file_of_charts(self, seeds):
        seeds(SONGS, None)
        assert retired() == []

    def test_is_of_the_games_that_are_loaded_only(self, seeds):
        seeds([], [], "--game", "chunithm", game="chunithm")
        assert retired() == []

    def test_outdates_what_was_read_before_and_has_orphans_tried(self, seeds):
        for charts in (CHARTS[1:], CHARTS):
            Job.objects.all().delete()
            before = Chart.objects.charts_version("sdvx")
            seeds(SONGS, charts)
            assert Chart.objects.charts_version("sdvx") > before
            assert Job.objects.filter(kind="orphans-of-changed-charts").exists()

    def test_keeps_its_scores_and_all_that_follows(self, seeds, user, api):
        gone = Chart.objects.get(chart_id="c1EXH")
        make_import(user, play(gone, time=NOON))
        before, best = state_of(user), PersonalBest.objects.get()
        seeds(SONGS, [chart for chart in CHARTS if chart["chartID"] != "c1EXH"])
        assert retired() == ["c1EXH"]
        assert not PlayerToRerate.objects.exists()
        assert state_of(user) == before
        assert (best.is_primary, GameStats.objects.count()) == (True, 1)
        score = Score.objects.get()
        shown = api.get(f"/api/v1/scores/{score.score_id}?getRelated=true")
        assert shown.json()["body"]["chart"]["chartID"] == "c1EXH"
        page = api.get("/api/v1/games/sdvx/Single/charts/c1EXH")
        assert page.status_code == 200
        assert "retired" not in json.dumps(page.json()).lower()


class TestTooManyMissing:
    def test_are_refused_and_nothing_is_changed(self, seeds):
        changed = [{**chart, "level": "20"} for chart in CHARTS[:7]]
        with pytest.raises(CommandError) as error:
            seeds(SONGS, changed)
        told = str(error.value)
        assert error.value.returncode == 1
        assert told.startswith("charts-sdvx.json lacks 3 of 10 charts: more than 20 %")
        assert "--allow-missing" in told
        assert not Chart.objects.filter(level="20").exists()
        assert retired() == []

    def test_are_retired_with_allow_missing(self, seeds):
        seeds(SONGS, CHARTS[:7], "--allow-missing")
        assert len(retired()) == 3
        seeds(SONGS, CHARTS[:7])  # three of seven are not missing again

    def test_are_more_than_the_setting_says(self, seeds, settings):
        seeds(SONGS, CHARTS[:8])  # exactly 20 %
        settings.SEEDS_MOST_MISSING = 0
        with pytest.raises(CommandError, match="lacks 1 of 8 charts: more than 0 %"):
            seeds(SONGS, CHARTS[:7])

    def test_are_told_of_all_games_together(self, seeds, tmp_path):
        song = make_song(data={"genre": "x", "displayVersion": "y"})
        data = {"inGameID": 1}
        chart = make_chart(difficulty="BASIC", versions=[], data=data)
        seeds([song], [chart], "--game", "chunithm", game="chunithm")
        (tmp_path / "charts-chunithm.json").write_text("[]")
        (tmp_path / "charts-sdvx.json").write_text("[]")
        with pytest.raises(
            CommandError, match=r"chunithm.json lacks 1 of 1 .*10 of 10"
        ):
            load(tmp_path)

    def test_are_not_those_that_players_made(self, seeds):
        told = ToldOfChart("bms", "7K", "ab" * 32, "cd" * 16, 9, "T", "", "", "A", "")
        made = add_chart(told)
        seeds([], [], "--game", "bms", game="bms")
        assert retired() == []
        # A listed chart of its hash goes before it, for as long as there is one.
        song = make_song(data=dict.fromkeys(made.song.data))
        listed = make_chart(
            playtype="7K", difficulty="CHART", versions=[], data=made.data
        )
        seeds([song], [listed], "--game", "bms", game="bms")
        assert retired() == [made.chart_id]
        assert add_chart(told).chart_id == "c7"
        seeds([song], [], "--game", "bms", "--allow-missing", game="bms")
        assert retired() == ["c7"]
        assert add_chart(told) == made


#: Ways to name the chart of song 1 in a document.
NAMED = {
    "title": {"matchType": "songTitle", "identifier": "Sea 1"},
    "in-game id": {"matchType": "sdvxInGameID", "identifier": "1"},
}


@pytest.mark.usefixtures("inline")
class TestMatching:
    @pytest.mark.parametrize("named", NAMED.values(), ids=NAMED.keys())
    def test_a_listed_chart_goes_before_a_retired_one(self, seeds, api, user, named):
        """Song 1 comes again under another number, with other charts, one less."""
        again = charts_of(3, in_game_id=1, difficulties=DIFFICULTIES[:4])
        songs = [SONGS[1], make_song(id=3, title="Sea 1")]
        assert matched(api, user, {**named, "difficulty": "EXH"}) == "c1EXH"
        seeds(songs, charts_of(2) + again, "--allow-missing")
        assert matched(api, user, {**named, "difficulty": "EXH"}) == "c3EXH"
        # What is on the retired chart stays there; who has no other is found there.
        assert Score.objects.get(chart__chart_id="c1EXH").user == user
        assert matched(api, user, {**named, "difficulty": "INF"}) == "c1INF"
        # Listed again, the song is one of two.
        seeds([*SONGS, songs[1]], CHARTS + again)
        found = matched(api, user, {**named, "difficulty": "EXH", "score": 9_100_000})
        assert found == ("AmbiguousTitle" if "Title" in named["matchType"] else "c1EXH")
        assert Score.objects.get(chart__chart_id="c3EXH").user == user

    def test_two_listed_songs_are_ambiguous_whatever_is_retired(self, seeds, api, user):
        songs = [make_song(id=number, title="Sea 1") for number in (3, 4)]
        seeds(songs, charts_of(3) + charts_of(4), "--allow-missing")
        named = {**NAMED["title"], "difficulty": "EXH"}
        assert matched(api, user, named) == "AmbiguousTitle"
        # With an artist that only the retired song has, it is the retired song.
        songs = [{**song, "artist": "Other"} for song in songs]
        seeds(songs, charts_of(3) + charts_of(4))
        named["artist"] = "kawa-no-hito"
        assert matched(api, user, named) == "c1EXH"

    def test_charts_of_one_song_go_by_the_same(self, seeds, api, user):
        again = charts_of(1, prefix="d")
        seeds(SONGS, again + charts_of(2), "--allow-missing")
        told = {"matchType": "tachiSongID", "identifier": "1", "difficulty": "EXH"}
        assert matched(api, user, told) == "d1EXH"
        told = {**NAMED["in-game id"], "difficulty": "ANY_INF"}
        assert matched(api, user, told) == "d1INF"

    def test_an_orphan_comes_home_when_only_one_song_is_left(self, seeds, user):
        make_import(user, play(3, matchType="songTitle", identifier="Sea 3"))
        songs = [*SONGS, *(make_song(id=number, title="Sea 3") for number in (3, 4))]
        seeds(songs, CHARTS + charts_of(3) + charts_of(4))
        assert not Score.objects.exists()
        seeds(songs, CHARTS + charts_of(3), "--allow-missing")
        assert Score.objects.get().chart.chart_id == "c3EXH"
