"""The list of imports: one row says what decides."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from imports.models import UNFINISHED, Import, State
from imports.playtypes import playtypes_of
from imports.rows.sentence import in_brief
from imports.verdicts import first_line
from tachi.admin.columns import state_column, time_column
from tachi.admin.formatting import EMPTY, shortened
from tachi.admin.lists import Presets, in_short, in_two_lines

LONGEST_CLIENT = 36  # characters
LONGEST_ERROR = 160
ITS_END = 12  # characters of a long client, where versions differ
COMMENT = re.compile(r"\([^()]*\)")
#: What every browser says of itself.
OF_ALL_BROWSERS = re.compile(r"^Mozilla/5\.0\s|AppleWebKit/\S+|Gecko/\S+|Safari/\S+")

PRESETS: Presets = [
    ("Last hour", {"since": "1 hour ago", "until": ""}),
    ("Today", {"since": "today", "until": ""}),
    ("Seven days", {"since": "7 days ago", "until": ""}),
    ("Any time", {"since": "", "until": ""}),
]


class ImportList(ChangeList):
    """The page of the list, with what is asked once for all of its imports."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        imports = list(self.result_list)
        playtypes, messages = playtypes_of(imports), first_messages(imports)
        for each in imports:
            each.playtypes = playtypes[each.pk]
            each.problem = first_line(each) or messages.get(each.pk, "")
        self.result_list = imports


def first_messages(imports: list[Import]) -> dict[int, str]:
    """Of completed imports, why the first row that failed did so; one statement."""
    failed = [
        each.pk
        for each in imports
        if each.state == State.COMPLETED and each.failed_rows
    ]
    if not failed:
        return {}
    rows = Import.objects.filter(pk__in=failed).order_by()
    messages = rows.values_list("pk", "errors__0__message")
    return {pk: (message or "").partition("\n")[0] for pk, message in messages}


@admin.display(description="import")
def short_id(import_: Import) -> SafeString:
    return format_html('<span class="id">{}</span>', shortened(import_.import_id))


@admin.display(description="game")
def game(import_: Import) -> str:
    if not import_.game:
        return in_two_lines(EMPTY, import_.import_type)
    playtypes = ", ".join(vars(import_).get("playtypes", []))
    return in_two_lines(f"{import_.game} {playtypes}".strip(), import_.import_type)


@admin.display(description="scores")
def result(import_: Import) -> str:
    if import_.state in UNFINISHED and import_.total:
        return f"{import_.done:,} of {import_.total:,} done"
    return in_brief(import_.counts) or EMPTY


@admin.display(description="client")
def client(import_: Import) -> str:
    agent = import_.user_agent
    return in_two_lines(import_.service or EMPTY, in_short(agent, client_of(agent)))


@admin.display(description="error")
def error(import_: Import) -> str:
    text: str = vars(import_).get("problem", "")
    if not text:
        return EMPTY
    return in_short(text, Truncator(text).chars(LONGEST_ERROR))


def client_of(agent: str) -> str:
    """A user agent in short: without its comments, and what all browsers say.

    Of a long one the beginning and the end, by which its versions are told apart.
    """
    said = COMMENT.sub(" ", agent)
    if said.startswith("Mozilla/5.0 "):
        said = OF_ALL_BROWSERS.sub(" ", said)
    said = " ".join(said.split()) or agent.strip()
    if len(said) <= LONGEST_CLIENT:
        return said
    return f"{said[: LONGEST_CLIENT - ITS_END]}…{said[-ITS_END:]}"


COLUMNS: list[Any] = [
    short_id,
    state_column("state"),
    "user",
    time_column("received_at", "received"),
    game,
    result,
    client,
    error,
]
