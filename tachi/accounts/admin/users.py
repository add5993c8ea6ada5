"""Users, for moderators."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from tachi.accounts.authentication import user_of
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

    # Deleting a user would delete all their imports and scores: users are banned.
    def has_delete_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        return False

    @admin.action(description="Ban selected users", permissions=["change"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        players = queryset.exclude(auth_level=AuthLevel.ADMIN)
        count = players.exclude(pk=user_of(request).pk).update(
            auth_level=AuthLevel.BANNED
        )
        self.message_user(request, f"Banned {count} users.", messages.SUCCESS)

    @admin.action(description="Lift the ban of selected users", permissions=["change"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        banned = queryset.filter(auth_level=AuthLevel.BANNED)
        count = banned.update(auth_level=AuthLevel.USER)
        self.message_user(request, f"{count} users may return.", messages.SUCCESS)
