"""A function that no cluster of ours may run: it leaves a mark where it was called."""

import os
from pathlib import Path


def leave_a_mark(*_: object, **__: object) -> None:
    Path(os.environ["MARK"]).touch()
