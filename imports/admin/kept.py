"""On the page of a user: the lists of what he brought, and what is kept of it."""

from django.conf import settings
from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from imports.kept import added_today, kept_of
from imports.quotas import megabytes
from tachi.accounts.admin.users import PlayerAdmin
from tachi.accounts.models import User
from tachi.admin.formatting import list_link

#: Lists of what a user brought: model, name, and which filter names him.
LISTS = (
    ("imports_import", "Imports", "user"),
    ("scores_score", "Scores", "user"),
    ("scores_session", "Sessions", "user"),
    ("scores_classclaim", "Classes", "user"),
    ("imports_orphan", "Orphans", "user"),
    ("imports_revert", "Reverts", "player"),
    ("accounts_apitoken", "Tokens", "user"),
)

admin.site.unregister(User)


@admin.register(User)
class KeepingPlayerAdmin(PlayerAdmin):
    """The page of accounts, and a section of this app's."""

    readonly_fields = [*PlayerAdmin.readonly_fields, "lists", "kept", "added_today"]
    fieldsets = [
        PlayerAdmin.fieldsets[0],
        ("What he brought", {"fields": ["lists"]}),
        *PlayerAdmin.fieldsets[1:],
        ("What is kept", {"fields": ["kept", "added_today"]}),
    ]

    @admin.display(description="lists")
    def lists(self, user: User) -> str:
        found = [
            list_link(name, model, **{of_user: user.username})
            for model, name, of_user in LISTS
        ]
        return format_html_join(" · ", "{}", ((each,) for each in found))

    @admin.display(description="rows")
    def kept(self, user: User) -> str:
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>about {}</td></tr>",
            ((each.kind, each.rows, megabytes(each.size)) for each in kept_of(user)),
        )
        return format_html("<table>{}</table>", rows)

    @admin.display(description="added today")
    def added_today(self, user: User) -> str:
        used = added_today(user, timezone.now().date())
        return f"{megabytes(used)} of {megabytes(settings.MAX_BYTES_A_DAY)}"
