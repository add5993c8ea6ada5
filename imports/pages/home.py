"""The site's first page: what this is, for who comes by; and what is new of his."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from imports.formats import offered
from imports.formats.base import Format
from imports.models import Import, State
from imports.pages import words
from imports.pages.frame import page
from imports.pages.upload_form import upload_form
from imports.verdicts import first_line, verdict
from scores.games import GAMES, PLAYTYPES
from tachi.accounts.models import User
from tachi.moderation.documents import title_of
from tachi.moderation.models import Notification

LATEST, UNREAD = 5, 3
#: What a list of imports does not show, and may be large.
LARGE = ("context", "errors", "class_deltas", "later_claims", "error_detail")


class Shown(NamedTuple):
    """An import in a list: itself, and what became of it in a line."""

    import_: Import
    game: str
    kind: str
    text: str


class Game(NamedTuple):
    """A game that scores are kept of."""

    name: str
    title: str
    playtypes: tuple[str, ...]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this site is, and the way in; for who is signed in, what is new of his."""
    user = request.user
    if isinstance(user, User) and user.is_banned:
        return page(request, "banned.html")
    types = offered(settings.SERVER_TYPE)
    context: dict[str, Any] = {
        "games": _games(types),
        "files": [each for each in types if _is_file(each)],
        "hooks": [each for each in types if not _is_file(each)],
        "restore_days": settings.RESTORE_DAYS,
    }
    if isinstance(user, User):
        context |= {"latest": _latest(user), "notices": _unread(user)}
        context["upload"] = upload_form()
        return page(request, "home.html", context, here="home")
    return page(request, "welcome.html", context, here="home")


def _is_file(each: Format) -> bool:
    return each.import_type.startswith("file/")


def _games(types: list[Format]) -> list[Game]:
    return [
        Game(name, GAMES[f"{name}:{playtypes[0]}"].title, playtypes)
        for name, playtypes in PLAYTYPES.items()
        if any(name in each.games for each in types)
    ]


def _latest(user: User) -> list[Shown]:
    found = Import.objects.filter(user=user).defer(*LARGE).order_by("-pk")[:LATEST]
    return [
        Shown(
            each,
            words.game_title(each.game),
            words.type_title(each.import_type),
            _in_a_line(each),
        )
        for each in found
    ]


def _in_a_line(import_: Import) -> str:
    """What became of an import, without a statement for each."""
    if import_.state in (State.COMPLETED, State.REVERTED):
        return words.brief(import_.counts)
    return first_line(import_) or verdict(import_).text


def _unread(user: User) -> list[tuple[Notification, str]]:
    found = Notification.objects.filter(user=user, read=False)
    return [(each, title_of(each)) for each in found.order_by("-sent_at")[:UNREAD]]
