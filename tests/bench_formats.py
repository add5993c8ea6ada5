"""How fast the formats of files are, beside each other: a part of `make bench`.

The CSV of IIDX with about 7,000 scores, the XML of 2,091 plays of TACHI_TEST_DATA (nine
in ten of which are on charts of the seeds), and a BATCH-MANUAL of 10,000 scores
by title. Rows in a second; they should be within 1.5 times of each other.
"""

import json
import statistics
from itertools import groupby

from tests.bench import SEEDS, say, timed
from tests.shared_data import SHARED

XML = SHARED / "samples/upstream/s3/large-example.xml"
ROUNDS = 3
VERSION = "27"


def measure_formats() -> None:
    """Say how fast each is; needs the seeds of TACHI_TEST_DATA."""
    from django.core.management import call_command

    if not SEEDS.is_dir():
        say("There are no seeds: set TACHI_TEST_DATA to compare formats.")
        return
    call_command("load_seeds", str(SEEDS), "--game", "iidx", verbosity=0)
    files = {
        "IIDX CSV": ("file/eamusement-iidx-csv", iidx_csv_of(7_000)),
        "S3 XML": ("file/solid-state-squad", XML.read_bytes()),
        "by title": ("file/batch-manual", by_title(10_000)),
    }
    say(f"\n{'':>10} {'rows':>7} {'import':>9} {'rows/s':>9}")
    speeds = []
    for name, (import_type, payload) in files.items():
        rounds = [one_round(import_type, payload) for _ in range(ROUNDS)]
        rows, seconds = rounds[0][0], statistics.median(each for _, each in rounds)
        speeds.append(rows / seconds)
        say(f"{name:>10} {rows:>7} {seconds:>8.3f}s {speeds[-1]:>9.0f}")
    say(f"{'':>10} the fastest is {max(speeds) / min(speeds):.2f}× the slowest")


def one_round(import_type: str, payload: bytes) -> tuple[int, float]:
    """Rows and seconds of an import by somebody new."""
    from imports import pipeline
    from imports.pipeline import Sent, accept
    from imports.queue import leases
    from tests.factories import make_user

    sent = Sent(make_user(), import_type, payload, parameters={"playtype": "SP"})
    import_ = accept(sent, inline=True)
    seconds, _ = timed(lambda: pipeline.run(leases.take_now(import_.pk)))
    import_.refresh_from_db()
    assert import_.counts, import_.error_text
    return import_.counts["total"], seconds


def charts_of_titles() -> list:
    """The charts of an arcade version, with their songs, of titles that are unique."""
    from django.db.models import Count

    from scores.models import Chart, Song

    titles = Song.objects.filter(game="iidx").values("title").annotate(n=Count("pk"))
    once = {each["title"] for each in titles if each["n"] == 1}
    charts = Chart.objects.filter(game="iidx", playtype="SP").select_related("song")
    return [
        chart
        for chart in charts.order_by("song_id", "pk")
        if VERSION in chart.versions and chart.song.title in once
    ]


def iidx_csv_of(scores: int) -> bytes:
    """A CSV of about so many scores; the songs come again, with one point less."""
    from tests.imports.files import BLOCKS, block, iidx_csv, iidx_row

    songs = [
        (song.title, {each.difficulty: each.data["notecount"] for each in of_song})
        for song, of_song in groupby(charts_of_titles(), key=lambda each: each.song)
    ]
    rows: list[str] = []
    played = 0
    while played < scores:
        again, at = divmod(len(rows), len(songs))
        title, notes = songs[at]
        blocks = {
            difficulty: block(count - again, 0, count - again)
            for difficulty, count in notes.items()
            if difficulty in BLOCKS
        }
        time = f"2020-01-{1 + len(rows) % 28:02} {len(rows) % 24:02}:00"
        rows.append(iidx_row(title, "HEROIC VERSE", time, **blocks))
        played += len(blocks)
    return iidx_csv(*rows).encode()


def by_title(scores: int) -> bytes:
    """A BATCH-MANUAL of as many scores, some of them on the same charts."""
    charts = charts_of_titles()
    told = [
        {
            "matchType": "songTitle",
            "identifier": charts[n % len(charts)].song.title,
            "difficulty": charts[n % len(charts)].difficulty,
            "score": charts[n % len(charts)].data["notecount"] + n // len(charts),
            "lamp": "CLEAR",
            "timeAchieved": 1_700_000_000_000 + n * 180_000,
        }
        for n in range(scores)
    ]
    meta = {"game": "iidx", "playtype": "SP", "service": "bench", "version": VERSION}
    return json.dumps({"meta": meta, "scores": told}).encode()
