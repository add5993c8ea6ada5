"""Users and tokens, for moderators."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.utils import timezone

from tachi.accounts.models import ApiToken, AuthLevel, User
from tachi.admin.filters import ChoiceFilter, UserFilter
from tachi.admin.pages import ReadOnlyAdmin


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


class RevokedFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    values = [("live", "Live"), ("revoked", "Revoked")]

    def narrowed(self, queryset, value):
        found = {"live": queryset.live(), "revoked": queryset.exclude(revoked_at=None)}
        return found.get(value, queryset.none())


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """A token is made where its secret can be shown; imports keep referring to it."""

    list_display = ["prefix", "user", "identifier", "created_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = [RevokedFilter, UserFilter]
    search_fields = ["=prefix", "user__username", "identifier"]
    ordering = ["-created_at"]
    fields = ["user", "prefix", "identifier", "permissions", "created_at", "revoked_at"]
    actions = ["revoke"]

    def has_revoke_permission(self, request):
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description="Revoke selected API tokens", permissions=["revoke"])
    def revoke(self, request, queryset):
        count = queryset.live().update(revoked_at=timezone.now())
        self.message_user(request, f"Revoked {count} tokens.", messages.SUCCESS)
