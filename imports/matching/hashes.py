"""Charts by their hashes alone, as hooks name what was just played."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scores.copy_rows import chunks
from scores.models import Chart, ChartIdentifier, listed_first
from scores.seeds.identifiers import as_hash

#: A hash, as it was asked for → the charts of one game that carry it, `listed_first`.
ByHash = Mapping[str, Sequence[Chart]]


def charts_by_hash(game: str, kinds: Sequence[str], hashes: Iterable[str]) -> ByHash:
    """The charts of a game, in whatever playtype, by hashes of these kinds.

    One statement for a thousand hashes.
    """
    asked = {value: as_hash(value) for value in hashes}
    found: dict[str, dict[int, Chart]] = defaultdict(dict)
    for some in chunks(dict.fromkeys(asked.values())):
        names = ChartIdentifier.objects.filter(
            game=game, kind__in=kinds, value__in=some, chart__isnull=False
        )
        for name in names.select_related("chart"):
            if name.chart is not None:
                found[name.value].setdefault(name.chart.pk, name.chart)
    return {
        value: sorted(found[stored].values(), key=listed_first)
        for value, stored in asked.items()
        if stored in found
    }


def chart_by_hash(game: str, playtype: str, kind: str, hash_: str) -> Chart | None:
    """The chart of a hash in one playtype; one statement."""
    charts = charts_by_hash(game, [kind], [hash_]).get(hash_, ())
    return next((chart for chart in charts if chart.playtype == playtype), None)
