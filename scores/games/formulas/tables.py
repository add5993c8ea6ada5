"""The difficulty tables of the community, in the data of a simulator's chart."""

from scores.rules import schema
from scores.rules.charts import Chart
from scores.rules.problems import Impossible
from scores.rules.score_data import array, text

TABLE_FOLDERS = schema.array(
    schema.document(table=schema.string(), level=schema.string())
)


def levels_in_tables(chart: Chart) -> list[str]:
    """ "★5" and "sl3". Raises Impossible for other `tableFolders` than the schema's."""
    levels = []
    for folder in array(chart.data, "tableFolders"):
        if not isinstance(folder, dict):
            raise Impossible("value-not-an-object", "A table folder is not an object.")
        levels.append(f"{text(folder, 'table')}{text(folder, 'level')}")
    return levels
