"""Users, for moderators."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin

from tachi.accounts.models import AuthLevel, User


@admin.register(User)
class PlayerAdmin(UserAdmin):
    list_display = ["id", "username", "auth_level", "is_staff", "last_seen"]
    list_display_links = ["username"]
    list_filter = ["auth_level", "is_staff", "is_active"]
    search_fields = ["=id", "username", "email"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "password", "auth_level"]}),
        ("Profile", {"fields": ["about", "status", "email"]}),
        (
            "The admin",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups"]},
        ),
        ("Times", {"fields": ["date_joined", "last_seen", "last_login"]}),
    ]
    readonly_fields = ["date_joined", "last_seen", "last_login"]
    actions = ["ban", "unban"]

    # All that a player ever did hangs on them: they are banned, not deleted.
    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description="Ban selected users", permissions=["change"])
    def ban(self, request, queryset):
        players = queryset.exclude(auth_level=AuthLevel.ADMIN)
        count = players.exclude(pk=request.user.pk).update(auth_level=AuthLevel.BANNED)
        self.message_user(request, f"Banned {count} users.", messages.SUCCESS)

    @admin.action(description="Lift the ban of selected users", permissions=["change"])
    def unban(self, request, queryset):
        banned = queryset.filter(auth_level=AuthLevel.BANNED)
        count = banned.update(auth_level=AuthLevel.USER)
        self.message_user(request, f"{count} users may return.", messages.SUCCESS)
