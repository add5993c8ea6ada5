"""How moderators narrow imports down; the options of `revert_imports` are the same."""

import shlex

from django.contrib.admin.views.main import SEARCH_VAR

from imports.formats import FORMATS
from imports.models import State
from scores.admin.filters import GameFilter
from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.models import PREFIX_LENGTH
from tachi.admin.filters import ChoiceFilter, TextFilter, TimeFilter


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    lookup = "state"
    values = State.choices


class ImportTypeFilter(ChoiceFilter):
    title = "type"
    parameter_name = "type"
    lookup = "import_type"
    values = [(import_type, import_type) for import_type in sorted(FORMATS)]


class ServiceFilter(TextFilter):
    title = "service"
    parameter_name = "service"
    lookup = "service"
    hint = "exactly as it was sent"


class TokenFilter(TextFilter):
    """By the first digits of an API token, all that is known of it."""

    title = "API token"
    parameter_name = "token"
    lookup = "token__prefix"
    hint = f"its first {PREFIX_LENGTH} digits"

    def narrowed(self, queryset):
        return queryset.filter(**{self.lookup: self.value[:PREFIX_LENGTH]})


class UserAgentFilter(TextFilter):
    title = "user agent"
    parameter_name = "agent"
    lookup = "user_agent__icontains"
    hint = "part of its name"


class SinceFilter(TimeFilter):
    title = "received since"
    parameter_name = "since"
    lookup = "received_at__gte"


class UntilFilter(TimeFilter):
    title = "received before"
    parameter_name = "until"
    lookup = "received_at__lt"


OPTIONS = {
    UserFilter: "--user",
    SinceFilter: "--since",
    UntilFilter: "--until",
    UserAgentFilter: "--user-agent",
    TokenFilter: "--token",
    ServiceFilter: "--service",
    StateFilter: None,  # the command reverts completed imports, and no others
    ImportTypeFilter: "--import-type",
    GameFilter: "--game",
}


def revert_command(parameters: dict[str, str]) -> str | None:
    """The command that reverts what a list with these filters shows, if there is one.

    There is none for a list that is not filtered, or searched.
    """
    given = [
        (option, parameters[each.parameter_name])
        for each, option in OPTIONS.items()
        if option and parameters.get(each.parameter_name)
    ]
    if not given or parameters.get(SEARCH_VAR):
        return None
    words = [f"{option} {shlex.quote(value)}" for option, value in given]
    return f"manage.py revert_imports {' '.join(words)}"
