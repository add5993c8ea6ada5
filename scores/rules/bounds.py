"""What a formula refuses: values outside the range it was made for."""

from scores.rules.charts import Chart
from scores.rules.javascript import MAX_SAFE_INTEGER
from scores.rules.problems import Impossible
from scores.rules.score_data import ScoreData, number


def number_between(data: ScoreData, name: str, low: float, high: float) -> float:
    """A number from `low` to `high`; otherwise raises Impossible."""
    value = number(data, name)
    if not low <= value <= high:
        raise below(name, low) if value < low else above(name, high)
    return value


def level_of(chart: Chart, lowest: float = 0) -> float:
    """The chart's level; raises Impossible below `lowest` and for no finite one."""
    level = chart.level_num
    if lowest <= level <= MAX_SAFE_INTEGER:
        return level
    if level < lowest:
        raise below("level", lowest)
    raise above("level", MAX_SAFE_INTEGER)


def above(name: str, highest: float) -> Impossible:
    return Impossible("value-too-large", f"{name} cannot be above {highest}.")


def below(name: str, lowest: float) -> Impossible:
    return Impossible("value-negative", f"{name} cannot be below {lowest}.")
