"""The lists of a preview as tables of a page, with names in place of ids."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from imports.models import RevertBatch
from imports.undo.preview import Preview
from imports.undo.words import named_classes
from scores.models import Chart
from tachi.admin.formatting import EMPTY, shortened

LISTED = 50


class Table(NamedTuple):
    """A list of a preview; of `total` rows it has the first."""

    title: str
    total: int
    headings: Sequence[str]
    rows: list[list[Any]]

    @property
    def cards(self) -> list[list[tuple[str, Any]]]:
        """The rows, each cell with the heading of its column."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]

    @property
    def unlisted(self) -> int:
        return max(self.total - len(self.rows), 0)


def tables(batch: RevertBatch) -> list[Table]:
    """What a batch's preview lists, but for what is empty; two statements."""
    return tables_of(batch.preview or None, batch)


def tables_of(preview: Preview | None, batch: RevertBatch) -> list[Table]:
    """The same of any preview of a batch's players."""
    if preview is None:
        return []
    players = dict(
        batch.players.exclude(user=None).values_list("user", "name")[:LISTED_PLAYERS]
    )
    charts = _charts(preview)
    found = [
        _scores(preview, players, charts),
        _bests(preview, players, charts),
        _sessions(preview, players),
        _ratings(preview, players),
        _classes(preview, players),
        _staying(preview, players),
    ]
    return [table for table in found if table.rows]


LISTED_PLAYERS = 10_000


def _charts(preview: Preview) -> dict[str, Chart]:
    rows: Iterable[Any] = [
        *preview["scores"]["list"],
        *preview["personalBests"]["list"],
    ]
    ids = {each["chartID"] for each in rows}
    found = Chart.objects.filter(chart_id__in=ids).select_related("song")
    return {chart.chart_id: chart for chart in found}


def _scores(
    preview: Preview, players: Mapping[int, str], charts: Mapping[str, Chart]
) -> Table:
    of = preview["scores"]
    rows = [
        [
            each["what"],
            players.get(each["userID"], EMPTY),
            each["game"],
            charts.get(each["chartID"], EMPTY),
            _because(each),
        ]
        for each in of["list"]
    ]
    moved = of.get("removed", 0) + of.get("added", 0)
    total = moved + of["kept"] + of["changed"]
    headings = ("what", "player", "game", "chart", "because")
    return Table("Scores", total, headings, rows)


def _because(score: Mapping[str, Any]) -> str:
    if kept_by := score["keptBy"]:
        return f"import {shortened(kept_by)} sent it too"
    return f"other {', '.join(score['differs'])}" if score["differs"] else ""


def _bests(
    preview: Preview, players: Mapping[int, str], charts: Mapping[str, Chart]
) -> Table:
    of = preview["personalBests"]
    rows = [
        [
            each["what"],
            players.get(each["userID"], EMPTY),
            each["game"],
            charts.get(each["chartID"], EMPTY),
            *_both(each),
        ]
        for each in of["list"]
    ]
    total = of["removed"] + of["changed"] + of["created"]
    headings = ("what", "player", "game", "chart", "before", "after")
    return Table("Personal bests", total, headings, rows)


def _sessions(preview: Preview, players: Mapping[int, str]) -> Table:
    of = preview["sessions"]
    rows = [
        [
            each["what"],
            players.get(each["userID"], EMPTY),
            _gpt(each),
            each["name"],
            *_both(each),
        ]
        for each in of["list"]
    ]
    total = of["removed"] + of["changed"] + of["created"]
    headings = ("what", "player", "game", "session", "scores before", "after")
    return Table("Sessions", total, headings, rows)


def _ratings(preview: Preview, players: Mapping[int, str]) -> Table:
    rows = [
        [players.get(each["userID"], EMPTY), _gpt(each), each["rating"], *_both(each)]
        for each in preview["profiles"]
    ]
    headings = ("player", "game", "rating", "before", "after")
    return Table("Ratings of profiles", len(rows), headings, rows)


def _classes(preview: Preview, players: Mapping[int, str]) -> Table:
    rows = [
        [
            players.get(each["userID"], EMPTY),
            _gpt(each),
            each["set"],
            *(name or EMPTY for name in named_classes(each)),
        ]
        for each in preview["classes"]["changed"]
    ]
    headings = ("player", "game", "set", "before", "after")
    return Table("Classes that follow from ratings", len(rows), headings, rows)


def _staying(preview: Preview, players: Mapping[int, str]) -> Table:
    of = preview["classes"]
    rows = [
        [
            players.get(each["userID"], EMPTY),
            _gpt(each),
            each["set"],
            each["name"] or each["value"],
            shortened(each["importID"]),
        ]
        for each in of["list"]
    ]
    headings = ("player", "game", "set", "class", "import")
    return Table("Provided classes that stay", of["staying"], headings, rows)


def _gpt(each: Mapping[str, Any]) -> str:
    return f"{each['game']} {each['playtype']}"


def _both(each: Mapping[str, Any]) -> list[Any]:
    return [_number(each["old"]), _number(each["new"])]


def _number(value: Any) -> Any:
    if value is None:
        return EMPTY
    return f"{value:,.3f}".rstrip("0").rstrip(".") if type(value) is float else value
