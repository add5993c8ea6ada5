"""Every page of the owners and of the admin: who reads it, and where it is."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.urls import reverse

from imports.models import Import, ImportRule, Orphan, Revert, RevertBatch
from scores.models import (
    Chart,
    ClassClaim,
    GameSettings,
    GameStats,
    PersonalBest,
    ProfileSnapshot,
    Score,
    Session,
    Song,
)
from tachi.accounts.models import ApiToken, User, UserSettings
from tachi.jobs.models import Job
from tachi.moderation.models import Entry, Notification
from tests.pages.many import Many

At = Callable[[Many], str]


class Line(NamedTuple):
    """A page: where it is, and how many statements `more` it may take for five hundred
    rows than for one. One that `tries_out` runs a verb, and rolls it back.
    """

    at: At
    more: int = 0
    tries_out: bool = False


def of(name: str, which: Callable[[Many], object] | None = None, query: str = "") -> At:
    """The page of that name, about one thing or about none."""

    def at(many: Many) -> str:
        args = [] if which is None else [which(many)]
        return reverse(name, args=args) + query

    return at


def listed(model, query: str = "") -> At:
    return of(
        f"admin:{model._meta.label_lower.replace('.', '_')}_changelist", None, query
    )


def detail(model, which: Callable[[Many], object]) -> At:
    return of(f"admin:{model._meta.label_lower.replace('.', '_')}_change", which)


def last(model) -> Callable[[Many], object]:
    """The newest row: it is of what was made last."""
    return lambda many: model.objects.latest("pk").pk


def both(model, *which: Callable[[Many], object], query: str = "") -> list[Line]:
    """The list of a model, and the pages of some rows, or of the newest."""
    pages = [Line(detail(model, each)) for each in which or (last(model),)]
    return [Line(listed(model, query)), *pages]


PIECES = 6  # verbs take a statement for each thousand rows, of each kind
COUNTED = 2  # how many more sessions, and orphans, there are than are shown
#: The pages of owners, by their names in `imports.pages.urls`.
OWNERS: dict[str, list[Line]] = {
    "home": [Line(of("pages:home"))],
    "password": [Line(of("pages:password"))],
    "notices": [Line(of("pages:notices"))],
    "tokens": [Line(of("pages:tokens"))],
    "revoke_token": [
        Line(
            of(
                "pages:revoke_token",
                lambda many: many.owner.tokens.live().earliest("pk").pk,
            )
        )
    ],
    "draft": [Line(of("pages:draft"))],
    "batch": [Line(of("pages:batch", lambda many: many.own.batch_id))],
    "wipe": [Line(of("pages:wipe"))],
    "imports": [Line(of("pages:imports")), Line(of("pages:imports", query="?page=2"))],
    "upload": [Line(of("pages:upload"))],
    "import": [
        Line(of("pages:import", lambda many: many.import_.import_id), COUNTED),
        Line(of("pages:import", lambda many: many.evening.import_id)),
        Line(of("pages:import", lambda many: many.undone.import_id)),
    ],
    "rows": [
        Line(of("pages:rows", lambda many: many.import_.import_id)),
        Line(of("pages:rows", lambda many: many.import_.import_id, "?outcome=held")),
    ],
    "revert": [
        Line(of("pages:revert", lambda many: many.import_.import_id), PIECES, True),
        Line(of("pages:revert", lambda many: many.evening.import_id), PIECES, True),
    ],
    "restore": [
        Line(of("pages:restore", lambda many: many.undone.import_id), PIECES, True)
    ],
    "orphans": [Line(of("pages:orphans"))],
}
#: Those that are no page to read: what they are instead.
NO_PAGES = {
    "sign_in": "leads on who is signed in",
    **dict.fromkeys(
        ["sign_out", "retry", "cancel", "orphans_discard", "orphans_retry"],
        "a button's",
    ),
}
#: The lists and pages of the admin, by the label of their model.
ADMIN: dict[str, list[Line]] = {
    "imports.import": [
        *both(
            Import,
            lambda many: many.import_.pk,
            lambda many: many.evening.pk,
            lambda many: many.undone.pk,
        ),
        Line(listed(Import, "?state=failed")),
    ],
    "imports.revertbatch": [
        *both(
            RevertBatch,
            lambda many: many.draft.pk,
            lambda many: many.done.pk,
            lambda many: many.small.pk,
        ),
        Line(
            of("admin:imports_revertbatch_restore", lambda many: many.small.pk),
            PIECES,
            True,
        ),
        # Of one player it is tried out; of many, counted.
        Line(of("admin:imports_revertbatch_restore", lambda many: many.done.pk)),
    ],
    "imports.revert": [
        *both(Revert, lambda many: many.undone.reverts.get().pk),
        Line(
            of(
                "admin:imports_revert_restore",
                lambda many: many.undone.reverts.get().pk,
            ),
            PIECES,
            True,
        ),
    ],
    "imports.importrule": [
        *both(ImportRule),
        Line(of("admin:imports_importrule_add")),
    ],
    "imports.orphan": both(Orphan, lambda many: many.import_.orphans.earliest("pk").pk),
    "scores.classclaim": [
        *both(ClassClaim, lambda many: many.undone.classes.get().pk),
        Line(listed(ClassClaim, "?state=all")),
    ],
    "scores.score": both(Score, lambda many: many.import_.scores.earliest("pk").pk),
    "scores.session": both(
        Session, lambda many: many.evening.scores.earliest("pk").session_id
    ),
    "scores.personalbest": both(PersonalBest),
    "scores.gamestats": both(GameStats),
    "scores.gamesettings": both(GameSettings),
    "scores.profilesnapshot": both(ProfileSnapshot),
    "scores.song": both(
        Song, lambda many: many.evening.scores.earliest("pk").chart.song_id
    ),
    "scores.chart": both(
        Chart, lambda many: many.evening.scores.earliest("pk").chart_id
    ),
    "accounts.user": [
        *both(User, lambda many: many.owner.pk),
        Line(of("admin:accounts_user_add")),
    ],
    "accounts.apitoken": both(
        ApiToken, lambda many: many.owner.tokens.earliest("pk").pk
    ),
    "accounts.usersettings": both(UserSettings),
    "auth.group": [*both(Group), Line(of("admin:auth_group_add"))],
    "jobs.job": both(Job),
    "moderation.entry": both(Entry),
    "moderation.notification": both(Notification),
}
OTHERS_OF_ADMIN = [Line(of("admin:index")), Line(of("admin:password_change"))]


def pages_of(many: Many) -> list[tuple[str, str, Line]]:
    """(who reads it, address, line) of each page."""
    of_owner = [each for lines in OWNERS.values() for each in lines]
    of_admin = [each for lines in ADMIN.values() for each in lines]
    found = [("owner", line) for line in of_owner]
    found += [("mod", line) for line in [*OTHERS_OF_ADMIN, *of_admin]]
    return [(who, line.at(many), line) for who, line in found]
