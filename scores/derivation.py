"""What follows from a score and its chart: derived metrics, enum indexes, ratings."""

from scores.games import Game
from scores.games.errors import Impossible
from scores.models import Chart


def derived(
    game: Game, score_data: dict, chart: Chart
) -> tuple[dict, tuple[float | None, ...]]:
    """The score data with its derived metrics, and the ratings, under this chart.

    A chart may change after the score was accepted. Where its new data make a derived
    metric impossible (no notes at all), the score keeps what it was accepted with.
    """
    try:
        score_data = {**score_data, **game.derive(score_data, chart)}
    except Impossible:
        score_data = dict(score_data)
    score_data["enumIndexes"] = game.enum_indexes(score_data)
    return score_data, game.rate(score_data, chart)
