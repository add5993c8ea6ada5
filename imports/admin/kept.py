"""On the page of a user: what is kept of the user's imports."""

from django.conf import settings
from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from imports.kept import added_today, kept_of
from imports.quotas import megabytes
from tachi.accounts.admin.users import PlayerAdmin
from tachi.accounts.models import User

admin.site.unregister(User)


@admin.register(User)
class KeepingPlayerAdmin(PlayerAdmin):
    """The page of accounts, and a section of this app's."""

    readonly_fields = [*PlayerAdmin.readonly_fields, "kept", "added_today"]
    fieldsets = [
        *PlayerAdmin.fieldsets,
        ("What is kept", {"fields": ["kept", "added_today"]}),
    ]

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
