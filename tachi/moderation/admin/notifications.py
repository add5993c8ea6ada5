"""What players were told of what was done to them, for moderators to look up."""

from django.contrib import admin

from tachi.accounts.admin.filters import UserFilter
from tachi.admin.columns import time_column
from tachi.admin.formatting import format_json, format_time
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.moderation.documents import title_of
from tachi.moderation.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = [time_column("sent_at", "sent"), "user", "title", "read"]
    list_select_related = ["user"]
    list_filter = [UserFilter]
    ordering = ["-sent_at", "-pk"]
    fields = ["notif_id", "user", "sent", "title", "content_json", "read"]
    readonly_fields = ["notif_id", "sent", "title", "content_json"]

    def sent(self, notification: Notification) -> str:
        return format_time(notification.sent_at)

    def title(self, notification: Notification) -> str:
        return title_of(notification)

    @admin.display(description="content")
    def content_json(self, notification: Notification) -> str:
        return format_json(notification.content)
