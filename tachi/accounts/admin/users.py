"""Users, for moderators to look at and ban, and for superusers to change."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from tachi.accounts.admin.superusers import OnlySuperusersChange
from tachi.accounts.authentication import user_of
from tachi.accounts.bans import ban, unban
from tachi.accounts.models import User
from tachi.admin.formatting import count_of


@admin.register(User)
class PlayerAdmin(OnlySuperusersChange, UserAdmin):
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

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """Who only looks does not see what is kept of a password."""
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {"fields": [each for each in of["fields"] if each != "password"]})
            for name, of in fieldsets
        ]

    # Deleting a user would delete all their imports and scores: users are banned.
    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_ban_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.ban_user")

    @admin.action(description="Ban selected users", permissions=["ban"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = ban(queryset, user_of(request))
        self.message_user(
            request, f"Banned {count_of(count, 'user')}.", messages.SUCCESS
        )

    @admin.action(description="Lift the ban of selected users", permissions=["ban"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = unban(queryset, user_of(request))
        self.message_user(
            request, f"{count_of(count, 'user')} may return.", messages.SUCCESS
        )
