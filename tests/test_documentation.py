"""The documentation names what is there: files, rooms, settings, targets."""

import re
from pathlib import Path

import pytest

from imports.formats import FORMATS
from tests import screenshots

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
#: Without capitals: `cases/NAME.json` stands for any.
PATH = re.compile(r"`((?:\.ci|docs|imports|scores|tachi|tests)/[a-z0-9_./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_is_named_is_there(page):
    paths = [ROOT / path for path in PATH.findall(text_of(page))]
    links = [page.parent / path for path in LINK.findall(text_of(page))]
    assert [str(path) for path in (*paths, *links) if not path.exists()] == []


def test_every_room_is_on_the_map():
    on_the_map = set(PATH.findall(text_of("CONTRIBUTING.md")))
    rooms = {
        f"{init.parent.relative_to(ROOT).as_posix()}/"
        for app in ("imports", "scores", "tachi")
        for init in (ROOT / app).rglob("__init__.py")
        if not {"migrations", "commands"} & set(init.parts)
    }
    faces_of_accounts = {
        f"tachi/accounts/{face}/" for face in ("admin", "management", "views")
    }
    assert rooms - on_the_map == faces_of_accounts


def test_every_variable_that_the_settings_read_is_explained():
    source = text_of("tachi/settings.py")
    read = re.findall(r'\b(?:text|boolean|number)\(\s*"([A-Z_]+)"', source)
    explained = re.findall(r"`([A-Z_]+)`", text_of("docs/operating.md"))
    assert "DATABASE_URL" in read
    assert set(read) - set(explained) == set()


def test_every_hook_is_explained_to_authors_of_clients():
    page = text_of("docs/api.md")
    hooks = [path.stem for path in ROOT.glob("imports/views/*.py")]
    source = "".join(text_of(f"imports/views/{name}.py") for name in hooks)
    read = set(re.findall(r'headers\.get\("(X-[\w-]+)"', source))
    families = {name.split("/")[1].split("-")[0] for name in FORMATS if name[0] == "i"}
    assert "X-Software-Model" in read and "usc" in families
    assert [name for name in sorted(read) if name not in page] == []
    assert [name for name in sorted(families) if f"/ir/{name}" not in page] == []


def test_every_target_of_make_is_explained():
    targets = re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE)
    rows = re.findall(r"^\| `([a-z-]+)` \|", text_of("README.md"), re.MULTILINE)
    assert "test-fast" in targets
    assert set(targets) - set(rows) == {"help"}


def test_every_picture_is_one_of_make_screenshots_and_is_shown_with_what_it_shows():
    taken = {f"{shot.name}.webp": shot for shot in screenshots.SHOTS}
    there = {path.name: path.stat().st_size for path in screenshots.FOLDER.iterdir()}
    assert set(there) == set(taken)
    assert max(there.values()) <= screenshots.LARGEST
    texts = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    markdown = re.findall(r"!\[.{20,}?\]\((?:docs/)?screenshots/(\S+)\)", texts)
    html = re.findall(r'<img src="docs/screenshots/(\S+)".* alt=".{20,}">', texts)
    assert sorted(markdown + html) == sorted(taken)
