import json
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TACHI_TEST_DATA", REPOSITORY.parent / "shared"))
needs_shared_data = pytest.mark.skipif(
    not SHARED.exists(), reason="there is no shared test data"
)


def shared_json(path):
    return json.loads((SHARED / path).read_text(encoding="utf-8"))


def shared_files(pattern):
    if not SHARED.exists():
        return []
    files = sorted(SHARED.glob(pattern))
    assert files, f"{SHARED} has no {pattern}"
    return files
