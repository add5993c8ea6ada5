from types import SimpleNamespace

import pytest

from tachi.api import throttles
from tests.golden import recordings
from tests.golden.replay import Replay
from tests.golden.runner import Run
from tests.shared_data import SHARED


@pytest.fixture
def replayed(db, settings, monkeypatch):
    """Replays one of some recordings, after those that it builds on."""
    settings.RATE_LIMIT = 100_000
    one_moment = SimpleNamespace(time=lambda: 1_700_000_000)
    monkeypatch.setattr(throttles, "time", one_moment)

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
