import json
import re
from collections import defaultdict
from importlib import import_module
from types import SimpleNamespace

import pytest

from scores.games import GAMES
from scores.rules import javascript
from scores.rules.bests import Played
from scores.rules.completion import Completed, future_problem, problems_of
from scores.rules.problems import Impossible
from scores.rules.schema import offences
from tests.scores.games.profiles import profile_ratings_of
from tests.shared_data import SHARED, needs_shared_data

HEAD = re.compile(r'\{"fn":"(?P<fn>[^"]+)","gpt":(?:"(?P<gpt>[^"]*)"|null)')
NOW = 1_800_000_000_000


def vector_groups():
    groups = defaultdict(list)
    for path in sorted((SHARED / "vectors").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            head = HEAD.match(line)
            groups[path.name, head["fn"], head["gpt"]].append(line)
    return groups


GROUPS = vector_groups()


@needs_shared_data
def test_vectors_are_there():
    assert len(GROUPS) > 300


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: "-".join(map(str, group)))
def test_vectors(group):
    _, fn, gpt = group
    answer, name = answer_for(fn)
    game = game_of(gpt)
    for line in GROUPS[group]:
        vector = revived(json.loads(line))
        if fn == "CreatePBDoc" and "note" in vector:
            answer_of_a_tie(game, vector)
            continue
        answered = answer(game, name, **vector["input"])
        assert same(answered, vector["output"]), f"{answered}, not as in {line}"


def answer_for(fn):
    if fn in ANSWERS:
        return ANSWERS[fn], ""
    kind, name, *validate = fn.split(".")
    return ANSWERS[".".join([kind, *validate])], name


def game_of(gpt):
    if gpt is None:
        return None
    return next(
        game for known, game in GAMES.items() if gpt in (known, known.partition(":")[0])
    )


def revived(value):
    if isinstance(value, list):
        return [revived(each) for each in value]
    if isinstance(value, dict):
        if value.keys() == {"special"}:
            return {"undefined": None}.get(value["special"]) or float(value["special"])
        return {key: revived(each) for key, each in value.items()}
    return value


def same(answered, expected):
    if isinstance(answered, Inexact):
        return answered == pytest.approx(expected, rel=1e-12, abs=0)
    if isinstance(answered, dict) and isinstance(expected, dict):
        return answered.keys() == expected.keys() and all(
            same(answered[key], expected[key]) for key in answered
        )
    if isinstance(answered, bool) or isinstance(expected, bool):
        return answered is expected
    return answered == expected or (answered != answered and expected != expected)


class Inexact(float):
    pass


def rated(name, value):
    return Inexact(value) if name == "BPI" and value is not None else value


def chart_of(document):
    return SimpleNamespace(
        level=document.get("level"),
        level_num=document.get("levelNum"),
        difficulty=document.get("difficulty"),
        data=document.get("data", {}),
        is_primary=document.get("isPrimary", True),
        versions=document.get("versions", []),
    )


def or_error(compute):
    try:
        return compute()
    except Impossible as error:
        return {"error": error.category}


def verdict(problem):
    return {"ok": False, "reason": problem.code} if problem else {"ok": True}


def verdicts(problems):
    codes = [problem.code for problem in problems]
    return {"ok": False, "reasons": codes} if codes else {"ok": True}


def score_rating(game, name, scoreData, chart):
    calculate = game.score_ratings[name].calculate
    return or_error(lambda: rated(name, calculate(scoreData, chart_of(chart))))


def derived_metric(game, name, scoreData, chart):
    return or_error(lambda: game.derivers[name](scoreData, chart_of(chart)))


def full_score_data(game, name, scoreData, chart):
    chart = chart_of(chart)

    def build():
        data = {**scoreData, **game.derive(scoreData, chart)}
        data["enumIndexes"] = game.enum_indexes(data)
        data["optional"] = {**data["optional"], "enumIndexes": {}}
        return data

    built = or_error(build)
    [completed] = game.complete([(scoreData, chart)])
    assert not isinstance(completed, Completed) or completed.score_data == built
    return built


def score_id(game, name, userID, chartID, scoreData):
    return or_error(lambda: game.score_id(userID, chartID, scoreData))


def derived_class(game, name, ratings):
    return game.classes[name].derive(ratings)


def derived_classes(game, name, ratings):
    return game.derived_classes(ratings)


def compared_class(game, name, classSet, newValue, userGameStats):
    old = ((userGameStats or {}).get("classes") or {}).get(classSet)
    return game.classes[classSet].better(newValue, old)


def by_name(ratings, game):
    return tuple(ratings.get(name) for name in game.score_ratings)


def session_rating(game, name, calculatedData):
    ratings = [by_name(each, game) for each in calculatedData]
    return rated(name, game.session_ratings_of(ratings)[name])


def profile_rating(game, name, pbs, songs=(), charts=()):
    songs = {song["id"]: SimpleNamespace(**song) for song in songs}
    charts = {chart["chartID"]: chart for chart in charts}
    bests = [
        SimpleNamespace(
            ratings=by_name(pb["calculatedData"], game),
            song=songs.get(pb["songID"]),
            chart=chart_of({**charts.get(pb["chartID"], {}), **pb}),
            song_id=pb["songID"],
        )
        for pb in pbs
    ]
    for best in bests:
        best.chart.song_id = best.song_id
    return rated(name, profile_ratings_of(game, bests)[name])


def chart_rule(game, name, value, chart):
    metric = {**game.metrics, **game.optional}[name]
    return verdict(metric.chart_rule(value, chart_of(chart)))


def static_rule(metrics):
    def validate(game, name, value):
        rule = getattr(game, metrics)[name].rule
        return verdict(None if rule.accepts(value) else rule)

    return validate


def relations(game, name, scoreData, chart):
    chart = chart_of(chart)
    found = (relation(scoreData, chart) for relation in game.relations)
    return verdicts(problem for problem in found if problem)


def validated(game, name, scoreData, chart, timeAchieved=None):
    ahead = future_problem(timeAchieved, NOW)
    if ahead:
        return verdicts([ahead])
    found = problems_of(game, scoreData, chart_of(chart))
    return verdicts(
        problem._replace(code=f"score:{problem.code}")
        if ":" not in problem.code
        else problem
        for problem in found
    )


def personal_best(game, name, scores, chart, asOfTimestamp):
    plays = [
        Played(
            each["scoreID"], each["timeAchieved"], each["highlight"], each["scoreData"]
        )
        for each in scores
    ]
    if asOfTimestamp is not None:
        plays = [
            play
            for play in plays
            if play.time_achieved is not None and play.time_achieved < asOfTimestamp
        ]
    best = game.merge(plays, chart_of(chart))
    if best is None:
        return None
    return {
        "composedFrom": best.composed_from,
        "timeAchieved": best.time_achieved,
        "highlight": best.highlight,
        "isPrimary": chart["isPrimary"],
        "scoreData": best.score_data,
        "calculatedData": {
            name: rated(name, value)
            for name, value in zip(game.score_ratings, best.ratings, strict=True)
        },
    }


def answer_of_a_tie(game, vector):
    answered = personal_best(game, "", **vector["input"])
    first = min(
        vector["input"]["scores"],
        key=lambda each: (
            each["timeAchieved"] is None,
            each["timeAchieved"] or 0,
            each["scoreID"],
        ),
    )
    assert answered["composedFrom"][0]["scoreID"] == first["scoreID"]
    for key in ("scoreData", "calculatedData", "isPrimary"):
        assert same(answered[key], vector["output"][key]), vector


def ranking(game, name, pbs, rivals):
    ordered = sorted(
        pbs,
        key=lambda pb: (
            tuple(-value for value in game.rank_key(pb["scoreData"])),
            pb["timeAchieved"] is None,
            pb["timeAchieved"] or 0,
        ),
    )
    users = [pb["userID"] for pb in ordered]
    return {
        str(user): {
            "rank": place,
            "outOf": len(users),
            "rivalRank": rival_rank(users[: place - 1], rivals.get(str(user))),
        }
        for place, user in enumerate(users, 1)
    }


def rival_rank(above, rivals):
    return 1 + len(set(above) & set(rivals)) if rivals else None


def grade_deltas(game, name, boundaries, grade, value):
    deltas = game.grades.deltas(grade, value)._asdict()
    return {key: text for key, text in deltas.items() if text is not None}


def game_text(game, name):
    return game.display_name


def difficulty(game, name, chart):
    return game.difficulty_text(game, chart_of(chart))


def short_difficulty(game, name, chart):
    return game.short_difficulty_text(game, chart_of(chart))


def chart_text(game, name, song, chart, short):
    return game.chart_text(game, SimpleNamespace(**song), chart_of(chart), short)


def lamp_helper(game, name, score, missCount):
    module = import_module(f"scores.games.{game.name}")
    return module.lamp_of(score, missCount)


def schema(attribute):
    def check(game, name, value):
        paths = sorted(path for path, _ in offences(getattr(game, attribute), value))
        return {"ok": False, "paths": paths} if paths else {"ok": True}

    return check


def number(print_):
    return lambda game, name, **given: print_(*given.values())


ANSWERS = {
    "scoreCalcs": score_rating,
    "derivers": derived_metric,
    "CreateFullScoreData": full_score_data,
    "CreateScoreID": score_id,
    "classDerivers": derived_class,
    "CalculateDerivedClasses": derived_classes,
    "ReturnClassIfGreater": compared_class,
    "sessionCalcs": session_rating,
    "profileCalcs": profile_rating,
    "chartSpecificValidators": chart_rule,
    "providedMetrics.validate": static_rule("provided"),
    "derivedMetrics.validate": static_rule("derived"),
    "optionalMetrics.validate": static_rule("optional"),
    "scoreValidators": relations,
    "ValidateScore": validated,
    "CreatePBDoc": personal_best,
    "UpdateChartRanking": ranking,
    "GetGradeDeltas": grade_deltas,
    "FormatGame": game_text,
    "FormatDifficulty": difficulty,
    "FormatDifficultyShort": short_difficulty,
    "FormatChart": chart_text,
    "MusecaGetLamp": lamp_helper,
    "JubeatGetLamp": lamp_helper,
    "schema.songData": schema("song_data"),
    "schema.chartData": schema("chart_data"),
    "schema.scoreMeta": schema("score_meta"),
    "schema.preferences": schema("preferences"),
    "FmtNum": number(javascript.grouped),
    "FmtNumCompact": number(javascript.compact),
    "FmtPercent": number(lambda value, dp: javascript.percent(dp)(value)),
    "toFixed": number(javascript.to_fixed),
}
