"""The shared cases, and what became of an import as they tell it."""

import json
from collections import Counter

import pytest

from scores.models import ClassClaim, Score
from tachi.api.times import milliseconds
from tests.shared_data import SHARED


def steps_of(case):
    return case.get("steps", [case])


def cases_of(import_types):
    """The cases, all of whose steps are of these types: of the games, and real ones."""
    return [
        pytest.param(case, id=f"{path.parent.name}-{case['id']}")
        for pattern in ("cases/*.json", "real/cases.json")
        for path in sorted((SHARED / "samples").glob(pattern))
        for case in json.loads(path.read_text(encoding="utf-8"))
        if all(step["importType"] in import_types for step in steps_of(case))
    ]


def headers_of(case):
    """Those that matter; who sends it is up to the test."""
    headers = case.get("headers", {})
    return {name: headers[name] for name in headers if name != "Authorization"}


def outcome_of(import_):
    """What became of a completed import."""
    counts = import_.counts
    return {
        "datapoints": counts["total"],
        "imported": counts["imported"],
        "skipped": counts["held"],
        "errors": dict(Counter(error["type"] for error in import_.errors)),
        "stored": [score_of(each, import_) for each in stored_by(import_)],
        "classes": classes_of(import_),
    }


def stored_by(import_):
    scores = Score.objects.filter(source_import=import_).order_by("position")
    return scores.select_related("chart__song")


def classes_of(import_):
    classes = {}
    for claim in ClassClaim.objects.filter(source_import=import_):
        classes.setdefault(claim.gpt, {})[claim.class_set] = claim.value
    return classes


def score_of(score, import_):
    """A score as the cases write it."""
    chart, data = score.chart, json.loads(json.dumps(score.score_data))
    data.pop("enumIndexes", None)
    data["optional"].pop("enumIndexes", None)
    time = score.time_achieved
    now = time == milliseconds(import_.received_at)
    return {
        "game": chart.game,
        "playtype": chart.playtype,
        "songID": chart.song.song_id,
        "chartID": chart.chart_id,
        "isPrimary": chart.is_primary,
        "service": score.service,
        "timeAchieved": "time of the request" if now else time,
        "comment": score.comment,
        "scoreData": data,
        "scoreMeta": score.score_meta,
    }
