"""What does not exist here, so that steps which need it are skipped; and why.

The list has to stay true: what is listed and exists after all fails the test.
"""

import re

from django.urls import Resolver404, resolve

from imports.formats import FORMATS
from tachi.api import views

ALL_IMPORT_TYPES = """
    file/batch-manual file/eamusement-iidx-csv file/eamusement-sdvx-csv
    file/mypagescraper-player-csv file/mypagescraper-records-csv file/pli-iidx-csv
    file/solid-state-squad
""".split()
MISSING = {
    r"PUT /api/v1/users/\w+/games/\w+/\w+/rivals": "rivals are not kept here",
    r"\w+ /api/v1/users/\w+/games/\w+/\w+/(rivals|folders|tables)\b.*": (
        "rivals, folders and tables are not kept here"
    ),
    r"\w+ /api/v1/users/\w+/games/\w+/\w+/targets/(goals|quests|recent).*": (
        "goals and quests are not kept here"
    ),
    r"\w+ /api/v1/games/\w+/\w+/(targets|folders|goals|quests)\b.*": (
        "goals, quests and folders are not kept here"
    ),
    r"POST /api/v1/import/from-api": "no import fetches scores from other servers",
    r"\w+ /api/v1/admin/.*": "moderators use the Django admin",
    r"\w+ /api/v1/auth/(verify-email|reset-password|forgot-password|"
    r"resend-verify-email)": "accounts are made by operators",
    r"\w+ /ir/(barbatos|kshook|fervidex|beatoraja|lr2hook|usc)/.*": (
        "hooks other than direct-manual are not here"
    ),
}


class Absent(Exception):
    """Why a step or a state cannot be replayed."""


class StillListed(Exception):
    """An endpoint that is listed as missing, and is there."""


def missing_endpoint(method: str, path: str) -> str | None:
    """Why there is no such endpoint here; None where there is, or never was one."""
    path = path.partition("?")[0]
    listed = [
        reason
        for pattern, reason in MISSING.items()
        if re.fullmatch(pattern, f"{method} {path}")
    ]
    try:
        exists = resolve(path).func is not views.not_found
    except Resolver404:
        exists = False
    if listed and exists:
        raise StillListed(f"{method} {path}: {listed[0]}")
    return next(iter(listed), None)


def missing_import_type(import_type: str) -> str | None:
    """Why a file of this type cannot be imported here; None where it can, or nowhere
    could."""
    if import_type in FORMATS or import_type not in ALL_IMPORT_TYPES:
        return None
    return f"the import type {import_type}"


def can_be_replayed(requests: list[dict]) -> bool:
    """Whether any of these requests is more than an upload of a type that we lack."""
    types = [
        request["request"].get("multipart", {}).get("importType")
        for request in requests
    ]
    return not all(
        isinstance(each, str) and missing_import_type(each) for each in types
    )
