"""The configuration of games on the wire: tables, no formulas."""

from typing import Any

from scores.games import PLAYTYPES
from scores.rules.classes import ClassSet
from scores.rules.game import Game
from scores.rules.metrics import Kind, Metric


def game_config_document(game: Game) -> dict:
    """`{name, playtypes, defaultPlaytype}` of a game, by any of its playtypes."""
    playtypes = PLAYTYPES[game.name]
    return {
        "name": game.title,
        "playtypes": list(playtypes),
        "defaultPlaytype": playtypes[0],
    }


def playtype_config_document(game: Game) -> dict:
    """The metrics, ratings, classes, difficulties and versions of one playtype."""
    return {
        "providedMetrics": _metrics(game.provided),
        "derivedMetrics": _metrics(game.derived),
        "optionalMetrics": _metrics(game.optional),
        "defaultMetric": game.default_metric,
        "preferredDefaultEnum": game.default_enum,
        **_ratings(game),
        "difficulties": _difficulties(game),
        "classes": {name: _class_set(each) for name, each in game.classes.items()},
        "orderedJudgements": list(game.judgements),
        "versions": game.versions,
        "supportedMatchTypes": list(game.match_types),
    }


def _metrics(metrics: dict[str, Metric]) -> dict:
    return {name: _metric(metric) for name, metric in metrics.items()}


def _metric(metric: Metric) -> dict:
    document: dict[str, Any] = {
        "type": metric.kind.value,
        "description": metric.description,
    }
    if metric.kind is Kind.ENUM:
        document["values"] = list(metric.values)
        document["minimumRelevantValue"] = metric.minimum_relevant
    if metric.chart_dependent:
        document["chartDependentMax"] = True
    if metric.part_of_score_id:
        document["partOfScoreID"] = True
    return document


def _ratings(game: Game) -> dict:
    return {
        "scoreRatingAlgs": {
            name: {"description": rating.description}
            for name, rating in game.score_ratings.items()
        },
        "sessionRatingAlgs": {
            name: {"description": rating.description}
            for name, rating in game.session_ratings.items()
        },
        "profileRatingAlgs": {
            name: {
                "description": rating.description,
                "associatedScoreAlgs": list(rating.associated_ratings),
            }
            for name, rating in game.profile_ratings.items()
        },
        "defaultScoreRatingAlg": game.default_ratings.score,
        "defaultSessionRatingAlg": game.default_ratings.session,
        "defaultProfileRatingAlg": game.default_ratings.profile,
    }


def _difficulties(game: Game) -> dict:
    if game.difficulties is None:
        return {"type": "DYNAMIC"}
    return {
        "type": "FIXED",
        "order": list(game.difficulties),
        "shorthand": game.difficulty_shorthand,
        "default": game.default_difficulty,
    }


def _class_set(classes: ClassSet) -> dict:
    document: dict[str, Any] = {
        "type": "PROVIDED" if classes.provided else "DERIVED",
        "values": [
            {"id": row.id, "display": row.display, "hoverText": row.hover_text}
            for row in classes.rows
        ],
    }
    if classes.minimum_relevant is not None:
        document["minimumRelevantValue"] = classes.minimum_relevant
    if classes.minimum_scores is not None:
        document["minimumScores"] = classes.minimum_scores
    return document
