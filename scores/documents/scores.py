"""Scores on the wire: as their import reported them, with the player's edits."""

from collections.abc import Iterable
from typing import Annotated, Any, TypedDict

from django.db.models import QuerySet
from orjson import Fragment

from scores.documents.charts import Parents, parents
from scores.documents.ratings import Ratings, score_ratings
from scores.json_columns import json_text
from scores.models import Score, ScoreEdit
from tachi.api.openapi import Milliseconds, others


@others(Annotated[Any, "An optional metric of the game; null where it is not known."])
class OptionalMetrics(TypedDict):
    """The optional metrics, by name: numbers, texts, or graphs, which are lists."""

    enumIndexes: dict[str, int]


@others(Annotated[float | str, "A metric of the game: a number, or a lamp or grade."])
class ScoreData(TypedDict):
    """The metrics of a score, by name, as the game's configuration lists them."""

    judgements: Annotated[dict[str, int | None], "How often each was hit."]
    optional: OptionalMetrics
    enumIndexes: Annotated[
        dict[str, int], "The positions of lamps and grades in the game's lists."
    ]


class ScoreDocument(TypedDict):
    """A score, as its import reported it, with the player's edits."""

    scoreID: str
    userID: int
    game: str
    playtype: str
    songID: int
    chartID: str
    isPrimary: Annotated[bool, "Whether its chart counts for ratings of profiles."]
    service: Annotated[str, "Where it came from."]
    importType: str
    timeAchieved: Annotated[Milliseconds | None, "Null where it is not known."]
    timeAdded: Milliseconds
    comment: str | None
    highlight: bool
    scoreData: Annotated[Fragment, ScoreData]
    scoreMeta: Annotated[Fragment, dict[str, Any], "How it was played, by game."]
    calculatedData: Annotated[Ratings, "Its ratings, by name."]


class ScoreListing(Parents):
    """Scores with their songs and charts."""

    scores: list[ScoreDocument]


#: The comment, whether it is edited, and the highlight.
Edit = tuple[str | None, bool, bool]

COLUMNS = (
    "score_id",
    "user_id",
    "gpt",
    "chart__song__song_id",
    "chart__chart_id",
    "chart__is_primary",
    "service",
    "import_type",
    "time_achieved",
    "time_added",
    "comment",
    json_text("score_data"),
    json_text("score_meta"),
    "rating_1",
    "rating_2",
    "rating_3",
)


def score_documents(scores: QuerySet[Score]) -> list[ScoreDocument]:
    """Scores in the queryset's order; two statements."""
    rows = list(scores.values_list(*COLUMNS))
    edits = edits_of(scores, {row[1] for row in rows})
    return [score_of_row(row, edits.get(row[0])) for row in rows]


def score_document(score: Score) -> ScoreDocument | None:
    """One score; None if it is gone."""
    return next(iter(score_documents(Score.objects.filter(pk=score.pk))), None)


def score_listing(scores: QuerySet[Score]) -> ScoreListing:
    """`{scores, songs, charts}`, each song and chart once; four statements."""
    return {"scores": score_documents(scores), **parents(scores)}


def edits_of(scores: QuerySet[Score], user_ids: Iterable[int]) -> dict[str, Edit]:
    """The players' edits by score id."""
    edits = ScoreEdit.objects.filter(
        user__in=user_ids, score_id__in=scores.values("score_id")
    )
    rows = edits.values_list("score_id", "comment", "has_comment", "highlight")
    return {
        score_id: (comment, has_comment, highlight)
        for score_id, comment, has_comment, highlight in rows
    }


def score_of_row(row: tuple[Any, ...], edit: Edit | None) -> ScoreDocument:
    """The document of a row of `COLUMNS`, with its player's edit."""
    (score_id, user_id, gpt, song_id, chart_id, is_primary, *rest) = row
    (service, import_type, achieved, added, comment, data, meta, *ratings) = rest
    edited_comment, has_comment, highlight = edit or (None, False, False)
    game, playtype = gpt.split(":")
    return {
        "scoreID": score_id,
        "userID": user_id,
        "game": game,
        "playtype": playtype,
        "songID": song_id,
        "chartID": chart_id,
        "isPrimary": is_primary,
        "service": service,
        "importType": import_type,
        "timeAchieved": achieved,
        "timeAdded": added,
        "comment": edited_comment if has_comment else comment,
        "highlight": highlight,
        "scoreData": Fragment(data),
        "scoreMeta": Fragment(meta),
        "calculatedData": score_ratings(gpt, ratings),
    }
