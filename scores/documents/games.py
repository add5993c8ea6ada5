"""The configuration of games on the wire: tables, no formulas."""

from typing import Annotated, Literal, NotRequired, TypedDict

from scores.games import PLAYTYPES
from scores.rules.classes import ClassSet
from scores.rules.game import Game
from scores.rules.metrics import Kind, Metric


class GameConfig(TypedDict):
    """A game."""

    name: Annotated[str, "For people."]
    playtypes: list[str]
    defaultPlaytype: str


class MetricConfig(TypedDict):
    """A value that scores of the game have."""

    type: Kind
    description: str
    values: NotRequired[Annotated[list[str], "Of an ENUM, worst first."]]
    minimumRelevantValue: NotRequired[str | None]
    chartDependentMax: NotRequired[Annotated[bool, "Absent unless it is true."]]
    partOfScoreID: NotRequired[Annotated[bool, "Absent unless it is true."]]


class RatingConfig(TypedDict):
    """A rating of scores or sessions."""

    description: str


class ProfileRatingConfig(RatingConfig):
    """A rating of profiles."""

    associatedScoreAlgs: list[str]


class ClassConfig(TypedDict):
    """A class, as a player may have it."""

    id: str
    display: str
    hoverText: str | None


class ClassSetConfig(TypedDict):
    """Classes of one kind, lowest first."""

    type: Literal["PROVIDED", "DERIVED"]
    values: list[ClassConfig]
    minimumRelevantValue: NotRequired[str]
    minimumScores: NotRequired[int]


class DynamicDifficulties(TypedDict):
    """Difficulties are free texts."""

    type: Literal["DYNAMIC"]


class FixedDifficulties(TypedDict):
    """The difficulties that there are, easiest first."""

    type: Literal["FIXED"]
    order: list[str]
    shorthand: dict[str, str]
    default: str | None


class RatingConfigs(TypedDict):
    """The ratings of a game, and which of them count if nobody says."""

    scoreRatingAlgs: dict[str, RatingConfig]
    sessionRatingAlgs: dict[str, RatingConfig]
    profileRatingAlgs: dict[str, ProfileRatingConfig]
    defaultScoreRatingAlg: str
    defaultSessionRatingAlg: str
    defaultProfileRatingAlg: str


class PlaytypeConfig(RatingConfigs):
    """How one playtype of a game is scored and rated."""

    providedMetrics: dict[str, MetricConfig]
    derivedMetrics: dict[str, MetricConfig]
    optionalMetrics: dict[str, MetricConfig]
    defaultMetric: str
    preferredDefaultEnum: str
    difficulties: DynamicDifficulties | FixedDifficulties
    classes: dict[str, ClassSetConfig]
    orderedJudgements: list[str]
    versions: Annotated[dict[str, str], "Names for people, by what a file says."]
    supportedMatchTypes: list[str]


def game_config_document(game: Game) -> GameConfig:
    """`{name, playtypes, defaultPlaytype}` of a game, by any of its playtypes."""
    playtypes = PLAYTYPES[game.name]
    return {
        "name": game.title,
        "playtypes": list(playtypes),
        "defaultPlaytype": playtypes[0],
    }


def playtype_config_document(game: Game) -> PlaytypeConfig:
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


def _metrics(metrics: dict[str, Metric]) -> dict[str, MetricConfig]:
    return {name: _metric(metric) for name, metric in metrics.items()}


def _metric(metric: Metric) -> MetricConfig:
    document: MetricConfig = {
        "type": metric.kind,
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


def _ratings(game: Game) -> RatingConfigs:
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


def _difficulties(game: Game) -> DynamicDifficulties | FixedDifficulties:
    if game.difficulties is None:
        return {"type": "DYNAMIC"}
    return {
        "type": "FIXED",
        "order": list(game.difficulties),
        "shorthand": game.difficulty_shorthand,
        "default": game.default_difficulty,
    }


def _class_set(classes: ClassSet) -> ClassSetConfig:
    document: ClassSetConfig = {
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
