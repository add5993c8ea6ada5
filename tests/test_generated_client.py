"""A public generator makes a client of docs/openapi.yaml, which works on a real server.

The generator's environment is thrown away. Without a package index this is skipped, but
not in CI.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo import SAMPLE
from tests.real_site import real_site

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = "openapi-python-client~=0.29.1"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A Python that has the generated client; and the folder in which that is."""
    folder = tmp_path_factory.mktemp("client")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    binaries = folder / "venv" / "bin"
    installed = run(binaries / "pip", "install", "--quiet", GENERATOR)
    if installed.returncode and "CI" not in os.environ:
        pytest.skip("There is no package index to install the generator from.")
    assert installed.returncode == 0, installed.stderr
    configuration = folder / "config.yml"  # pictures are texts to it
    configuration.write_text("content_type_overrides: {image/svg+xml: text/xml}")
    generated = run(
        binaries / "openapi-python-client",
        "generate",
        f"--path={ROOT / 'docs/openapi.yaml'}",
        f"--output-path={folder / 'tachi_client'}",
        f"--config={configuration}",
        "--meta=none",
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    told = generated.stdout + generated.stderr
    assert "WARNING" not in told, told  # an operation or a model was left out
    assert "ERROR" not in told, told
    return binaries / "python", folder


def test_a_generated_client_imports_polls_reads_and_reverts(client):
    python, folder = client
    with real_site() as (site, log):
        done = run(
            python,
            ROOT / "tests/generated_client.py",
            site.url,
            site.token,
            SAMPLE,
            env={**os.environ, "PYTHONPATH": str(folder)},
        )
        assert done.returncode == 0, done.stderr + log.read_text()


def run(*command, **options):
    return subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
