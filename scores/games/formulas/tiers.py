"""Community tier lists: the difficulty of each kind of clear, in a chart's data."""

from scores.rules import schema
from scores.rules.charts import Chart
from scores.rules.score_data import number, section

TIER = (
    schema.document(
        value=schema.number(),
        text=schema.string(),
        individualDifference=schema.boolean(),
    )
    .or_null()
    .or_absent()
)


def tier_value(chart: Chart, name: str) -> float | None:
    """The chart's value in a tier list, or None; 0 is a value like any other.

    Raises Impossible for a tier without a value.
    """
    tier = section(chart.data, name)
    return number(tier, "value") if tier else None
