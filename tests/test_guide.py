"""The examples of docs/api.md run as they stand, against a real server."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import document
from tests.demo import SAMPLE
from tests.real_site import real_site

GUIDE = Path(__file__).resolve().parent.parent / "docs/api.md"
PATIENCE = 60  # seconds
RUN = {
    "sh": ["bash", "-euo", "pipefail"],
    "python": [sys.executable],
    "javascript": ["node"],
}
NAMES = {"sh": "guide.sh", "python": "guide.py", "javascript": "guide.mjs"}


def text():
    return GUIDE.read_text(encoding="utf-8")


def script(language):
    """All blocks of a language, in order: later ones go on where earlier ones end."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text(), re.M | re.S)
    assert blocks
    return "\n".join(blocks)


@pytest.fixture(scope="module")
def site():
    with real_site() as (site, _):
        yield site


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("sh", '"description":"Reverted import."'),
        ("python", "'imported': "),
        ("javascript", "imported: "),
    ],
)
def test_the_examples_run(site, tmp_path, language, says):
    command = RUN[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"There is no {command[0]} here.")
    shutil.copy(SAMPLE, tmp_path / "scores.json")
    path = tmp_path / NAMES[language]
    path.write_text(script(language), encoding="utf-8")
    environment = {**os.environ, "TACHI": site.url, "TOKEN": site.token}
    done = subprocess.run(
        [*command, path.name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert says in done.stdout


def test_every_block_of_code_is_run():
    shown = {"json"}  # answers
    assert set(re.findall(r"^```(.+)$", text(), re.M)) - shown == set(RUN)


def test_every_endpoint_of_the_guide_is_there():
    paths = [re.sub(r"{\w+}", "[^/]+", path) for path in document()["paths"]]
    named = re.findall(r"(?:GET|POST) (/[\w/.:-]+)", text())
    assert len(named) > 4
    for each in named:
        assert any(re.fullmatch(path, each) for path in paths), each
