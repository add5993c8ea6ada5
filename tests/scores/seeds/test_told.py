"""What load_seeds says: the summary, --verbose, and the object of --json."""

import json

import pytest
from django.core.management import CommandError

from scores.management.commands import load_seeds
from scores.models import Chart
from tests.factories import make_import, play
from tests.scores.seeds.test_retired_charts import CHARTS, SONGS, seeds  # noqa: F401
from tests.scores.seeds.test_seeds import make_chart, make_song

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(seeds):  # noqa: F811
    """Loads songs and charts, and returns what --json tells of the game."""

    def told(songs, charts, *options):
        printed = json.loads(seeds(songs, charts, "--json", *options))
        [of_game] = printed["games"]
        return printed, of_game

    return told


def named(chart, title, **more):
    names = ("chartID", "songID", "playtype", "difficulty")
    return {**{name: chart[name] for name in names}, "title": title, **more}


def test_json_says_what_was_done_by_song_and_chart(told, user):
    make_import(user, play(Chart.objects.get(chart_id="c1ADV")))
    songs = [{**SONGS[0], "altTitles": ["C"]}, SONGS[1], make_song(id=3)]
    new = make_chart(chartID="new", songID=3, data={"inGameID": 3})
    changed = {**CHARTS[1], "level": "17", "levelNum": 17.2, "data": {"inGameID": 8}}
    printed, of_game = told(songs, [changed, *CHARTS[2:], new])
    assert of_game["game"] == "sdvx"
    assert of_game["songs"] == {
        "created": [{"id": 3, "title": "Glass Sea"}],
        "changed": [{"id": 1, "title": "Sea 1", "fields": ["altTitles"]}],
        "unchanged": 1,
    }
    fields = ["level", "levelNum", "data.inGameID"]
    assert of_game["charts"] == {
        "created": [named(new, "Glass Sea")],
        "changed": [named(changed, "Sea 1", fields=fields)],
        "unchanged": 8,
        "retired": [named(CHARTS[0], "Sea 1")],
        "listedAgain": [],
    }
    assert of_game["ambiguous"] == []
    assert of_game["toRate"] == {"scores": 1, "players": 1}
    assert printed["ratedAgain"] == {"profiles": 1, "scoresChanged": 1}
    assert printed["playersWaiting"] == 0
    printed, of_game = told(songs, [*CHARTS, new], "--no-wait")
    assert of_game["charts"]["listedAgain"] == [named(CHARTS[0], "Sea 1")]
    assert (printed["ratedAgain"], printed["playersWaiting"]) == (None, 1)


def test_names_that_several_answer_to_are_told(told):
    twins = [make_song(id=n, title=t) for n, t in ((3, "SEA 1"), (4, "sea 2"))]
    same = {"difficulty": "EXH", "songID": 3, "data": {"inGameID": 2}}
    charts = [
        make_chart(chartID="same", **same),
        make_chart(chartID="old", **same, isPrimary=False) | {"versions": ["gw"]},
    ]
    _, of_game = told([*SONGS, *twins], CHARTS + charts)
    nobody = {"playtype": None, "difficulty": None}
    assert of_game["ambiguous"] == [
        {
            "kind": "inGameID",
            "value": "2",
            "playtype": "Single",
            "difficulty": "EXH",
            "songs": [],
            "charts": ["c2EXH", "same"],  # "old" shares no version with another
            "new": True,
        },
        {"kind": "title", "value": "sea 1", **nobody, "songs": [1, 3]}
        | {"charts": [], "new": True},
        {"kind": "title", "value": "sea 2", **nobody, "songs": [2, 4]}
        | {"charts": [], "new": True},
    ]
    _, of_game = told([*SONGS, *twins], CHARTS + charts)
    assert [each["new"] for each in of_game["ambiguous"]] == [False] * 3
    # Retired charts make nothing ambiguous; song 4 has no chart at all, and does.
    _, of_game = told([*SONGS, *twins], CHARTS)
    assert [each["value"] for each in of_game["ambiguous"]] == ["sea 2"]


def test_verbose_lists_a_few_of_each_kind_in_one_line_each(seeds):  # noqa: F811
    songs = [make_song(id=n, title=f"Many\n{n % 10}") for n in range(100, 160)]
    plain = seeds(SONGS, CHARTS)
    assert len(plain.splitlines()) == 1
    for options in (["--verbose"], ["--verbosity", "2"]):
        printed = seeds([*SONGS, *songs], CHARTS[1:], *options).splitlines()
    assert "sdvx: songs 62 (0 created, 0 changed, 62 unchanged)" in printed[0]
    assert not [line for line in printed if "created song" in line]
    songs = [{**song, "artist": "Other"} for song in songs]
    printed = seeds([*SONGS, *songs], CHARTS, "--verbose").splitlines()
    assert "sdvx: 10 names in it may mean several songs or charts" in printed[2]
    assert "  changed song: 100 Many‹U+000A›0: artist" in printed
    assert "  changed song: 10 more (--json has all)" in printed
    assert "  chart listed again: c1NOV Sea 1 (Single NOV, song 1)" in printed
    assert (
        "  ambiguous: title 'many\\n9': songs 109, 119, 129, 139, 149 and 1 more"
        in printed
    )
    assert len(printed) < 70


def test_json_is_printed_though_somebody_could_not_be_rated(
    seeds,  # noqa: F811
    user,
    monkeypatch,
):
    make_import(user, play(Chart.objects.get(chart_id="c1ADV")))

    def fail(**options):
        raise CommandError("Some could not be rated.")

    printed = []
    as_json = load_seeds.as_json
    monkeypatch.setattr(load_seeds, "rerate_here", fail)
    monkeypatch.setattr(
        load_seeds, "as_json", lambda *told: printed.append(as_json(*told)) or ""
    )
    with pytest.raises(CommandError, match="could not be rated"):
        seeds(SONGS, [{**chart, "level": "9"} for chart in CHARTS], "--json")
    [said] = map(json.loads, printed)
    assert (said["ratedAgain"], said["playersWaiting"]) == (None, 1)
