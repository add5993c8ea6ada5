"""What a full file of charts does not list any more, or lists again.

A chart that it does not list is retired. One that players made is not missed: it is
retired only while the file lists another chart of its playtype with its hash.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from scores.copy_rows import chunks
from scores.models import Chart
from scores.seeds.files import Seeds
from scores.seeds.identifiers import MADE_BY, made_chart_id


class ChartName(NamedTuple):
    """A chart as people know it; `song_id` is the song's number in its game."""

    chart_id: str
    song_id: int
    title: str
    playtype: str
    difficulty: str


@dataclass(frozen=True)
class Listing:
    """What becomes retired and listed again by a file: primary keys → names.

    `missing` of the `listed` charts that seeds have listed until now are not in it.
    """

    game: str
    listed: int = 0
    missing: int = 0
    retired: dict[int, ChartName] = field(default_factory=dict)
    listed_again: dict[int, ChartName] = field(default_factory=dict)


class TooManyMissing(Exception):
    """Files with far fewer charts than are stored; the text says which, what to do."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        told = ", ".join(
            f"charts-{each.game}.json lacks {each.missing:,} of {each.listed:,} charts"
            for each in listings
        )
        super().__init__(
            f"{told}: more than {settings.SEEDS_MOST_MISSING:g} % of them may not be"
            " missing (SEEDS_MOST_MISSING). Nothing was changed. If the files are"
            " complete, run it again with --allow-missing: what they lack is retired"
            " then, and the scores on it stay."
        )


def compare_listing(seeds: Seeds) -> Listing:
    """Compare a game's file of charts, if there is one, with what is stored.

    One statement, and one for a thousand charts of which the file and the table differ.
    """
    if not seeds.all_charts:
        return Listing(seeds.game)
    in_file = {record["chartID"] for record in seeds.charts}
    hashes = _hashes(seeds)
    retired_now: dict[int, bool] = {}  # of those that are absent, or retired
    present = 0
    stored = Chart.objects.filter(game=seeds.game)
    for pk, chart_id, retired_at in stored.values_list("pk", "chart_id", "retired_at"):
        if chart_id not in in_file or retired_at is not None:
            retired_now[pk] = retired_at is not None
        else:
            present += 1
    listing = Listing(seeds.game)
    missing = 0
    for pk, name, sha256 in _named(retired_now):
        made = name.chart_id == made_chart_id(seeds.game, name.playtype, sha256)
        listed = (name.playtype, sha256) not in hashes if made else False
        listed = listed or name.chart_id in in_file
        if retired_now[pk] and listed:
            listing.listed_again[pk] = name
        elif not retired_now[pk] and not listed:
            listing.retired[pk] = name
        missing += not retired_now[pk] and not made
    return replace(listing, listed=present + missing, missing=missing)


def require_enough(listings: Sequence[Listing]) -> None:
    """Raises TooManyMissing."""
    most = settings.SEEDS_MOST_MISSING / 100
    too_many = [each for each in listings if each.missing > most * each.listed]
    if too_many:
        raise TooManyMissing(too_many)


def store_listing(listing: Listing, charts_version: datetime) -> None:
    """Inside the caller's transaction. What is read with these charts is outdated."""
    moments = ((listing.retired, charts_version), (listing.listed_again, None))
    for charts, retired_at in moments:
        for some in chunks(charts):
            Chart.objects.filter(pk__in=some).update(
                retired_at=retired_at, changed_at=charts_version
            )


def _hashes(seeds: Seeds) -> set[tuple[str, str]]:
    """Playtypes with the hashes of the file's charts."""
    return {
        (record["playtype"], str(record["data"].get(MADE_BY)))
        for record in seeds.charts
    }


def _named(charts: Iterable[int]) -> Iterator[tuple[int, ChartName, str]]:
    """Primary key, name and hash of each chart."""
    columns = ("pk", "data", "chart_id", "song__song_id", "song__title")
    for some in chunks(charts):
        rows = Chart.objects.filter(pk__in=some)
        for pk, data, *name in rows.values_list(*columns, "playtype", "difficulty"):
            yield pk, ChartName._make(name), str(data.get(MADE_BY))
