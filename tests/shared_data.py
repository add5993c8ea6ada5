"""Recordings, vectors, cases and seeds: data that is not part of the repository.

Tests that need it are skipped where the folder is not there, and fail where it is there
but has not what they need.
"""

import json
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TACHI_TEST_DATA") or REPOSITORY.parent / "shared")
needs_shared_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"There is no {SHARED}: set TACHI_TEST_DATA."
)


def shared_json(path):
    return json.loads((SHARED / path).read_text(encoding="utf-8"))
