"""Whatever is sent: each row is told once, and the outcomes add up to the rows."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.models import Import
from imports.models.imports import WAYS
from imports.orphans import reprocess
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.edits import delete_score
from scores.models import Score
from tests.attacks.players import Player
from tests.factories import NOON, OPERATOR, document, make_chart, make_song, play

pytestmark = pytest.mark.django_db
UNKNOWN = 4  # the charts from here on are not there, or not yet
plays = st.builds(
    lambda chart, score, time, extra: (chart, score, time, extra),
    st.integers(0, UNKNOWN + 1),
    st.sampled_from([9_000_000, 9_100_000]),
    st.sampled_from([None, NOON, NOON + 1000, 2 * NOON]),
    st.sampled_from([{}, {"comment": "well played"}, {"difficulty": "NOV"}]),
)
documents = st.lists(st.lists(plays, max_size=8), min_size=1, max_size=3)


@pytest.fixture(autouse=True)
def inline(settings):
    settings.IMPORT_INLINE = True
    settings.RATE_LIMITS = False


@given(sent=documents, first=st.integers(0, 2), blocks=st.booleans())
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
def test_each_row_is_told_once_whatever_happens_later(sent, first, blocks):
    player = Player()
    charts = [make_chart() for _ in range(UNKNOWN)]
    songs = [each.song.song_id for each in charts]
    songs += [1_500_000_000 + 2 * player.user.pk + n for n in range(2)]
    made = []
    for number, rows in enumerate(sent):
        answer = player.upload(
            document(
                *[
                    play(songs[chart], score, time, **extra)
                    for chart, score, time, extra in rows
                ],
                service=f"service {number}",
            )
        )
        assert answer.status_code == 200, answer.content
        made.append(answer.json()["body"])
        if blocks and (score := Score.objects.filter(user=player.user).first()):
            delete_score(score, block=True)
    told = [rows_of(player, each) for each in made]
    for rows, body, found in zip(sent, made, told, strict=True):
        assert [row["position"] for row in found] == list(range(len(rows)))
        ended = Counter(row["outcome"] for row in found)
        counts = body["counts"]
        assert {way: counts[way] for way in WAYS} == {way: ended[way] for way in WAYS}
        assert counts["total"] == len(rows) == sum(counts[way] for way in WAYS)
        assert sum(bool(row["differs"]) for row in found) == counts["differing"]
        assert sum(bool(row["filled"]) for row in found) == counts["filled"]

    make_chart(song=make_song(song_id=songs[UNKNOWN]))
    reprocess(player.user)
    again = Import.objects.get(import_id=made[first % len(made)]["importID"])
    revert_import(again, OPERATOR)
    check_now(player, made, told, but=again)
    restore_import(Import.objects.get(pk=again.pk), OPERATOR)
    check_now(player, made, told)


def check_now(player, made, told, but=None):
    """What happened stays told; who holds a score is told as it is."""
    owners = dict(Score.objects.values_list("score_id", "source_import__import_id"))
    for body, before in zip(made, told, strict=True):
        if but is not None and body["importID"] == but.import_id:
            continue
        found = rows_of(player, body)
        assert list(map(as_it_was, found)) == list(map(as_it_was, before))
        page = player.ask("GET", f"/api/v1/imports/{body['importID']}").json()["body"]
        assert page["import"]["counts"] == body["counts"]
        assert set(page["import"]["scoreIDs"]) <= ids(found)
        for row in found:
            if row["scoreID"] is None:
                assert row["heldBy"] is None
            elif row["heldBy"] is None:
                assert owners[row["scoreID"]] == body["importID"]
            else:
                assert owners[row["scoreID"]] == row["heldBy"]


def as_it_was(row):
    return json.dumps({**row, "scoreID": None, "heldBy": None})


def ids(rows):
    return {row["scoreID"] for row in rows}


def rows_of(player, body):
    """All of them, in pages."""
    rows, cursor = [], ""
    while cursor is not None:
        query = f"?limit=7&cursor={cursor}" if cursor else "?limit=7"
        path = f"/api/v1/imports/{body['importID']}/rows{query}"
        answer = player.ask("GET", path)
        assert answer.status_code == 200, answer.content
        page = answer.json()["body"]
        rows += page["rows"]
        cursor = page["next"]
    return rows
