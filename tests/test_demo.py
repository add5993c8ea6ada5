"""`make demo` goes to its end."""

import subprocess
import sys

import pytest

from tests.demo import ROOT


@pytest.mark.slow
def test_the_demo_goes_to_its_end():
    done = subprocess.run(
        [sys.executable, "tests/demo.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6. Ending web server and worker." in done.stdout
