"""Recordings of the original, replayed: ours answers and stores the same.

What differs on purpose is declared in `differences`, what does not exist here is
left out for one of the reasons in `absent`: steps of a recording, or all of it.
"""

import pytest
from django.db import transaction

from tests.golden import recordings
from tests.golden.absent import can_be_replayed
from tests.golden.differences import expected_in
from tests.seeds import store_seeds
from tests.shared_data import SHARED, needs_shared_data

pytestmark = pytest.mark.slow  # the charts of the real games have to be stored first
# Their charts are newer than the recordings, which come with invented ones.
WITHOUT_CHARTS = {"bms", "gitadora", "iidx", "itg", "jubeat", "pms", "usc"}
RECORDED = recordings.read(SHARED / "golden")
REPLAYED = [each for each in RECORDED if can_be_replayed(each.requests)]


@pytest.fixture(scope="module")
def seeds(django_db_setup, django_db_blocker):
    """The charts that recordings need, stored once for all of them."""
    games = set().union(*(recording.games for recording in RECORDED))
    with django_db_blocker.unblock(), transaction.atomic():
        for game in sorted(games):
            store_seeds("seeds/collections", game, game not in WITHOUT_CHARTS)
        yield
        transaction.set_rollback(True)


@needs_shared_data
def test_there_are_golden_recordings():
    assert len(REPLAYED) > 20


@pytest.mark.parametrize("recording", REPLAYED, ids=str)
def test_a_golden_recording_is_reproduced(seeds, replayed, recording):
    run = replayed(recording, RECORDED)
    if problems := run.problems():
        pytest.fail("\n".join(problems), pytrace=False)
    unseen = [each for each in expected_in(recording.name) if each.name not in run.seen]
    assert not run.made_nothing(), run.absent
    assert [each.reason for each in unseen] == []
