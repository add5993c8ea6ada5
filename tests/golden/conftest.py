import pytest

from tests.golden import recordings
from tests.golden.replay import Replay
from tests.golden.runner import Run
from tests.shared_data import SHARED


@pytest.fixture
def replayed(db, settings):
    """Replays one of some recordings, after those that it builds on."""
    settings.RATE_LIMIT = 100_000

    def replay(recording, among, is_our_own=False):
        before = recordings.before(recording, among)
        run = Run(
            recording,
            before,
            Replay([*before, recording], settings, SHARED / "samples"),
            is_our_own=is_our_own,
        )
        run.run()
        return run

    return replay
