"""A class has a name that people know it by, whatever its id."""

import re

import pytest

from scores.games import GAMES
from tests.shared_data import needs_shared_data, shared_json

SETS = [(gpt, name) for gpt, game in GAMES.items() for name in game.classes]
#: A bound of a rating is no name: "0 - 2.499VF", ">=15 Rating".
BOUND = re.compile(r"\d\s*[-~]|[<>]=?\s*\d|VF\b|Rating|Potential")


def names(gpt, class_set):
    values = GAMES[gpt].classes[class_set].values
    return {value: GAMES[gpt].class_name(class_set, value) for value in values}


@pytest.mark.parametrize(("gpt", "class_set"), SETS)
def test_every_class_has_a_name_of_its_own(gpt, class_set):
    found = names(gpt, class_set)

    assert all(found.values())
    assert len(set(found.values())) == len(found)
    for name in found.values():
        assert "_" not in name
        assert not BOUND.search(name)


@needs_shared_data
def test_every_class_of_the_original_has_a_name():
    listed = {
        (gpt, name, each["id"]): each
        for gpt, of in shared_json("spec/games.json")["gpts"].items()
        for name, classes in of["classes"].items()
        for each in classes["values"]
    }
    assert len({gpt.split(":")[0] for gpt in GAMES}) == 17
    assert {(*each, id_) for each in SETS for id_ in names(*each)} == listed.keys()
    for (gpt, name, id_), said in listed.items():
        called = GAMES[gpt].class_name(name, id_)
        assert called in (said["display"], (said["hoverText"] or "").split(":")[0])


@pytest.mark.parametrize(
    ("gpt", "class_set", "value", "name"),
    [
        ("iidx:SP", "dan", "DAN_7", "7th Dan"),
        ("iidx:DP", "dan", "CHUUDEN", "Chuuden"),
        ("sdvx:Single", "dan", "INF", "Inf. Dan"),
        ("sdvx:Single", "vfClass", "SIENNA_I", "Sienna I"),
        ("bms:7K", "stslDan", "ST12", "Stella 12"),
        ("bms:14K", "stslDan", "SL0", "Satellite 0"),
        ("bms:7K", "lnDan", "UDON", "LN Udon"),
        ("pms:Keyboard", "dan", "OVERJOY", "Overjoy"),
        ("chunithm:Single", "emblem", "DAN_INFINITE", "Infinite Class"),
        ("chunithm:Single", "colour", "RAINBOW_EX_I", "Rainbow Extreme I"),
        ("ongeki:Single", "colour", "BLUE", "Blue"),
        ("wacca:Single", "stageUp", "XIV", "XIV"),
        ("popn:9B", "class", "GOD", "God"),
        ("jubeat:Single", "colour", "YELLOW_GREEN", "Yellow-Green"),
        ("gitadora:Dora", "colour", "RED_GRD", "Red Gradient"),
        ("maimai:Single", "dan", "SHINDAN_3", "3rd Shindan"),
        ("maimaidx:Single", "dan", "URAKAIDEN", "Urakaiden"),
        ("maimaidx:Single", "matchingClass", "A5", "A5"),
        ("arcaea:Touch", "courseBanner", "PHASE_11", "Phase 11"),
        ("ddr:SP", "flare", "SUN+++", "太陽 / SUN+++"),
        ("usc:Keyboard", "vfClass", "IMPERIAL_IV", "Imperial IV"),
    ],
)
def test_classes_are_called_as_in_the_game(gpt, class_set, value, name):
    assert names(gpt, class_set)[value] == name


def test_what_is_no_class_any_more_goes_by_its_id():
    assert GAMES["iidx:SP"].class_name("dan", "DAN_99") == "DAN_99"
    assert GAMES["iidx:SP"].class_name("rank", "DAN_7") == "DAN_7"
