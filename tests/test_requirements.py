"""The locked requirements, held to the short lists that `make lock` makes them from.

Needs no network: it says that somebody edited a list and did not run `make lock`.
"""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements", "requirements-dev")


def lines_of(name):
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def chosen(file):
    """The requirements of a short list, and of the lists that it includes."""
    for line in lines_of(f"{file}.in"):
        if line.startswith("-r "):
            yield from chosen(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            yield Requirement(line.partition(" #")[0])


def locked(file):
    """Name → (requirement, its hashes) of a lock file."""
    text = "\n".join(line for line in lines_of(f"{file}.txt") if line[:1] != "#")
    found = {}
    for block in re.split(r"\n(?=\S)", text):
        requirement, *options = re.split(r" \\\n", block.partition("\n    #")[0])
        parsed = Requirement(requirement)
        found[canonicalize_name(parsed.name)] = (parsed, [o.strip() for o in options])
    return found


@pytest.mark.parametrize("file", FILES)
def test_what_was_chosen_is_locked_within_its_bounds(file):
    versions = locked(file)
    for wanted in chosen(file):
        requirement, _ = versions[canonicalize_name(wanted.name)]
        (pin,) = requirement.specifier
        assert wanted.specifier.contains(pin.version), wanted


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_and_hashed(file):
    for requirement, hashes in locked(file).values():
        assert [each.operator for each in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        for each in hashes:
            assert re.fullmatch("--hash=sha256:[0-9a-f]{64}", each), requirement


@pytest.mark.parametrize("file", FILES)
def test_what_is_chosen_no_more_is_not_locked_as_chosen(file):
    text = (ROOT / f"{file}.txt").read_text(encoding="utf-8")
    as_chosen = re.findall(r"^(\S+)==[^#]*# via .*-r \S+\.in", text, re.MULTILINE)
    assert set(as_chosen) == {canonicalize_name(each.name) for each in chosen(file)}


def test_tests_run_with_the_versions_of_a_site():
    of_a_site, of_tests = (
        {name: str(requirement.specifier) for name, (requirement, _) in found.items()}
        for found in map(locked, FILES)
    )
    assert of_a_site.items() <= of_tests.items()


@pytest.mark.parametrize("file", FILES)
def test_no_place_to_download_from_is_named(file):
    for name in (f"{file}.in", f"{file}.txt"):
        for line in lines_of(name):
            assert "://" not in line
            assert not re.match(r"-(?!r )", line), line
