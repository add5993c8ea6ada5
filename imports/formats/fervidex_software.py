"""What fervidex runs in: the version of beatmania IIDX, by the headers it sends."""

from django.conf import settings

from imports.formats.base import ImportRefused
from imports.formats.software import Software, require_agent, shown, software_of

INFINITAS = "P2D"
ARCADE = ("LDJ", "TDJ")
PRIVATE = "Z"
#: Major version → the least minor version of it that sends what we read.
LEAST_MINOR = {1: 3}

#: The date in the model → the version under each revision: A the game as it is, X
#: omnimix, E 2dxtra. It grows several times a year: FERVIDEX_VERSIONS adds to it.
VERSIONS: dict[tuple[str, ...], dict[str, str]] = {
    ("2018091900",): {"A": "25"},
    ("2019090200", "2019100700"): {"A": "26", "X": "26-omni"},
    ("2020092900",): {"A": "27", "X": "27-omni", "E": "27-2dxtra"},
    ("2021091500",): {"A": "28", "X": "28-omni", "E": "28-2dxtra"},
    ("2022082400",): {"A": "29", "X": "29-omni"},
    ("2022103100", "2022120800", "2023022000", "2023040400", "2023090500"): {
        "A": "30",
        "X": "30-omni",
        "E": "30-2dxtra",
    },
    ("2023101800", "2023103000", "2023121800", "2024021300", "2024082600"): {
        "A": "31",
        "X": "31-omni",
        "E": "31-2dxtra",
    },
    ("2025011400", "2025032500", "2025041500", "2025072900", "2025082500"): {
        "A": "32",
        "X": "32-omni",
    },
}
BY_BUILD = {
    f"{ext}:{revision}": version
    for exts, versions in VERSIONS.items()
    for ext in exts
    for revision, version in versions.items()
}


def require_fervidex(agent: str) -> None:
    """Raise ImportRefused unless a User-Agent is fervidex, of 1.3 or a later one."""
    parts = require_agent(agent, "fervidex").split(".")
    if len(parts) < 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ImportRefused(
            f"Invalid User-Agent {shown(agent)} - expected fervidex/ and a version"
            " like 1.3.0."
        )
    major, minor = (int(part[:9]) for part in parts[:2])
    least = LEAST_MINOR.get(major, 0)
    if minor < least:
        raise ImportRefused(
            f"This fervidex is too old: update it to {major}.{least}.0 or later."
        )


def is_infinitas(model: str) -> bool:
    """Whether a X-Software-Model is INFINITAS, whose scores are always wanted."""
    return software_of(model).model == INFINITAS


def version_of(model: str) -> str:
    """The version of the game that a X-Software-Model is. Raises ImportRefused."""
    software = software_of(model)
    if software.revision == PRIVATE:
        raise ImportRefused("This server takes no scores of revision Z.")
    if software.model == INFINITAS:
        return "inf"
    if software.model not in ARCADE:
        known = ", ".join((INFINITAS, *ARCADE))
        raise ImportRefused(
            f"The model {software.model} is not beatmania IIDX: expected any of"
            f" {known}."
        )
    return _arcade_version(software)


def _arcade_version(software: Software) -> str:
    build = f"{software.ext}:{software.revision}"
    known = BY_BUILD | settings.FERVIDEX_VERSIONS
    if build not in known:
        raise ImportRefused(
            f"This server does not know the build {software.ext} of revision"
            f" {software.revision}, and so not which version of the game it is."
            " Ask whoever runs the server to add it."
        )
    return known[build]
