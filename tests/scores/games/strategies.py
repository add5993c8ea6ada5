"""Charts and plays for property tests: possible ones, odd ones, and no ones at all.

Charts are any that the schemas of the games let through.
"""

import math
from functools import cache
from types import SimpleNamespace

from hypothesis import strategies as st

from scores.games import GAMES
from scores.rules.metrics import Kind

COUNTS = st.integers(0, 40)
IDS = st.integers(0, 9000)
TEXTS = st.sampled_from(["", "x", "曲"])
NOTES = st.integers(0, 2000)
OR_NONE = {
    "tier": st.none()
    | st.builds(
        lambda value: {"value": value, "text": "", "individualDifference": False},
        st.integers(0, 150).map(lambda tenths: tenths / 10),
    ),
    "text": st.none() | TEXTS,
    "ex score": st.none() | st.integers(1, 4000),
    "coefficient": st.none() | st.sampled_from([0.5, 1.175, 2]),
    "sieglinde": st.none() | st.integers(0, 40),
}


def document(**members):
    return st.fixed_dictionaries(members)


def measures(blocks):
    """Blocks of equal measures: (notes of each, notes per second, how many)."""
    notes = [each[0] for each in blocks for _ in range(each[2])]
    return {
        "notesPerMeasure": notes,
        "npsPerMeasure": [each[1] for each in blocks for _ in range(each[2])],
    }


IIDX = {
    "notecount": NOTES,
    "inGameID": IDS,
    "hashSHA256": OR_NONE["text"],
    "2dxtraSet": OR_NONE["text"],
    "kaidenAverage": OR_NONE["ex score"],
    "worldRecord": OR_NONE["ex score"],
    "bpiCoefficient": OR_NONE["coefficient"],
}
TIERS = {
    "SP": ("ncTier", "hcTier", "exhcTier"),
    "DP": ("dpTier",),
    "sdvx": ("clearTier", "pucTier", "sTier"),
}
SIEGLINDE = {
    "notecount": NOTES,
    "hashMD5": TEXTS,
    "hashSHA256": TEXTS,
    "tableFolders": st.just([]),
    "sglEC": OR_NONE["sieglinde"],
    "sglHC": OR_NONE["sieglinde"],
}
BLOCKS = st.tuples(
    st.sampled_from([0, 1, 16, 20]),
    st.sampled_from([0, 3.5, 10, 12.7]),
    st.integers(1, 40),
)

CHART_DATA = {
    "arcaea": document(inGameStrID=TEXTS, notecount=NOTES),
    "bms": document(**SIEGLINDE),
    "chunithm": document(inGameID=IDS),
    "ddr": document(inGameID=IDS, stepCount=NOTES) | document(inGameID=IDS),
    "gitadora": document(inGameID=IDS),
    "iidx:SP": document(**IIDX, **dict.fromkeys(TIERS["SP"], OR_NONE["tier"])),
    "iidx:DP": document(**IIDX, **dict.fromkeys(TIERS["DP"], OR_NONE["tier"])),
    "itg": st.builds(
        lambda level, blocks, rest: {**level, **measures(blocks), **rest},
        document(
            rankedLevel=OR_NONE["sieglinde"],
            chartLevel=COUNTS,
            hashGSv3=TEXTS,
            difficultyTag=st.just("Hard"),
            length=st.just(90),
            charter=TEXTS,
            streamBPM=st.none(),
            breakdown=st.none(),
            bannerLocationOverride=st.none(),
            originalPack=TEXTS,
            packs=st.just([]),
        ),
        st.lists(BLOCKS, max_size=5),
        st.just({}) | document(notesPerMeasure=st.just([16])),
    ),
    "jubeat": document(inGameID=IDS, noteCount=NOTES, musicBar=st.just([])),
    "maimai": document(
        inGameID=IDS,
        inGameStrID=TEXTS,
        maxPercent=st.integers(10_000, 10_400).map(lambda each: each / 100)
        | st.sampled_from([-1, 0, 5, 99.99, 105]),
    ),
    "maimaidx": document(displayVersion=TEXTS, inGameID=IDS),
    "museca": document(inGameID=IDS),
    "ongeki": document(
        displayVersion=st.just("オンゲキ"),
        maxPlatScore=st.integers(1, 4000) | st.sampled_from([-1, 0]),
        inGameID=IDS,
    ),
    "pms": document(**SIEGLINDE),
    "popn": document(hashSHA256=OR_NONE["text"], inGameID=IDS),
    "sdvx": document(inGameID=IDS, **dict.fromkeys(TIERS["sdvx"], OR_NONE["tier"])),
    "usc": document(
        hashSHA1=TEXTS,
        isOfficial=st.booleans(),
        effector=TEXTS,
        tableFolders=st.just([]),
    ),
    "wacca": document(inGameID=IDS),
}

TENTHS = st.integers(0, 200).map(lambda each: each / 10)
LEVELS = {"ddr": st.integers(1, 19), "popn": st.integers(1, 50)}
NO_LEVELS = st.sampled_from([-1, 0, 0.05, 15.5, 1000])

#: The most a metric can be: a float where the metric is a decimal.
HIGHEST = {
    "arcaea": {"score": lambda chart: 10_000_000 + chart.data["notecount"]},
    "bms": {"score": lambda chart: 2 * chart.data["notecount"]},
    "chunithm": {"score": 1_010_000},
    "ddr": {"score": 1_000_000},
    "gitadora": {"percent": 100.0},
    "iidx": {"score": lambda chart: 2 * chart.data["notecount"]},
    "itg": {"scorePercent": 100.0, "survivedPercent": 100.0},
    "jubeat": {"score": 1_000_000, "musicRate": 100.0},
    "maimai": {"percent": lambda chart: float(max(chart.data["maxPercent"], 0))},
    "maimaidx": {"percent": 101.0},
    "museca": {"score": 1_000_000},
    "ongeki": {
        "score": 1_010_000,
        "platinumScore": lambda chart: max(chart.data["maxPlatScore"], 0),
    },
    "pms": {"score": lambda chart: 2 * chart.data["notecount"]},
    "popn": {"score": 100_000},
    "sdvx": {"score": 10_000_000},
    "usc": {"score": 10_000_000},
    "wacca": {"score": 1_000_000},
}


@cache
def charts(gpt):
    game = GAMES[gpt]
    return st.builds(
        SimpleNamespace,
        level_num=LEVELS.get(game.name, TENTHS),
        difficulty=st.sampled_from(game.difficulties or ("Hard",)),
        data=CHART_DATA.get(gpt, CHART_DATA.get(game.name)),
        is_primary=st.booleans(),
    )


@cache
def ladder(highest, borders):
    """Numbers from 0 to the highest, ascending; dense at the borders of grades."""
    if isinstance(highest, float):
        rungs = [highest * each / 100 for each in range(101)]
        steps = (-1, -0.01, -0.0001, 0, 0.0001, 0.01, 1)
    else:
        rungs = [highest * each // 100 for each in range(101)]
        steps = (-1, 0, 1)
    rungs += [border + step for border in borders for step in steps]
    return sorted({each for each in rungs if 0 <= each <= highest})


@cache
def numbers(highest, borders):
    """Numbers from 0 to the highest, many of them that or at the borders of grades."""
    if isinstance(highest, float):
        hundredths = st.integers(0, int(highest * 100)).map(lambda each: each / 100)
        inside = hundredths | st.floats(0, highest)
    else:
        inside = st.integers(0, highest)
    return inside | st.sampled_from(ladder(highest, borders)) | st.just(highest)


def range_of(game, chart, name):
    highest = HIGHEST[game.name][name]
    return highest(chart) if callable(highest) else highest, game.grades.lowest


def values_of(game, chart, name):
    metric = game.provided[name]
    if metric.kind is Kind.ENUM:
        return st.sampled_from(metric.values)
    return numbers(*range_of(game, chart, name))


@cache
def optionals(gpt):
    """At most two of the optional metrics, graphs apart."""

    def members(name, metric):
        by_kind = {Kind.INTEGER: COUNTS, Kind.DECIMAL: st.floats(0, 100)}
        values = by_kind.get(metric.kind, st.sampled_from(metric.values or [None]))
        return st.tuples(st.just(name), values)

    graphs = (Kind.GRAPH, Kind.NULLABLE_GRAPH)
    optional = GAMES[gpt].optional.items()
    each = [members(*item) for item in optional if item[1].kind not in graphs]
    return st.lists(st.one_of(each), max_size=2).map(dict) if each else st.builds(dict)


@cache
def judgements(gpt):
    names = st.sampled_from(GAMES[gpt].judgements)
    return st.dictionaries(names, st.none() | COUNTS, max_size=2)


@cache
def spoils(names, most):
    return st.dictionaries(
        st.sampled_from(names) | st.text(max_size=3), JSON, max_size=most
    )


@st.composite
def plays(draw, gpt, chart, judged=True):
    """What a source could send, possible or not."""
    game = GAMES[gpt]
    return {
        **{name: draw(values_of(game, chart, name)) for name in game.provided},
        "judgements": draw(judgements(gpt)) if judged else {},
        "optional": draw(optionals(gpt)),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def spoilt_plays(draw, gpt, chart):
    """Plays with any JSON in any of their places."""
    game, play = GAMES[gpt], draw(plays(gpt, chart))
    play |= draw(spoils((*game.provided, "judgements", "optional"), 2))
    if isinstance(play["judgements"], dict):
        play["judgements"] |= draw(spoils(game.judgements, 1))
    if isinstance(play["optional"], dict):
        play["optional"] |= draw(spoils((*game.optional, "enumIndexes"), 1))
    return play


ODD_LEVELS = st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e300, -1, 0])


@st.composite
def spoilt_charts(draw, chart):
    """The chart as no schema lets it through: of older rules, or edited by hand."""
    levels = st.just(chart.level_num) | NO_LEVELS | ODD_LEVELS
    return SimpleNamespace(
        level=draw(TEXTS),
        level_num=draw(levels),
        difficulty=chart.difficulty,
        versions=draw(st.lists(TEXTS, max_size=1)),
        is_primary=chart.is_primary,
        data=draw(spoilt_document(chart.data)),
    )


@st.composite
def spoilt_songs(draw):
    data = draw(spoilt_document({"subtitle": "x", "genre": "y"}))
    return SimpleNamespace(title=draw(TEXTS), data=data)


@st.composite
def spoilt_document(draw, document):
    """The object with some of its members gone or made any JSON; or null, at times."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.none() | JSON)
    gone = draw(st.sets(st.sampled_from(sorted(document)), max_size=2))
    kept = {name: value for name, value in document.items() if name not in gone}
    return kept | draw(spoils(tuple(document), 2))


@st.composite
def spoilt_score_data(draw, gpt, chart):
    """Score data as it is stored, with any JSON in any of its places, or without."""
    game, data = GAMES[gpt], draw(plays(gpt, chart))
    data |= {
        name: draw(st.sampled_from(metric.values)) if metric.values else draw(COUNTS)
        for name, metric in game.derived.items()
    }
    data["enumIndexes"] = {name: draw(COUNTS) for name, _ in game.enums}
    return draw(spoilt_document(data) | spoilt_plays(gpt, chart))
