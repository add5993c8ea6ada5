"""Community tier lists: how hard a chart is to clear in one way, in a chart's data."""

from scores.rules.schema import boolean, document, number, string

TIER = (
    document(value=number(), text=string(), individualDifference=boolean())
    .or_null()
    .or_absent()
)


def tier_value(chart, name: str) -> float | None:
    """The chart's value in a tier list, or None; 0 is a value like any other."""
    tier = chart.data.get(name)
    return None if tier is None else tier["value"]
