"""API tokens, for moderators."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.models import ApiToken, ApiTokenQuerySet
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import count_of
from tachi.admin.read_only import ReadOnlyAdmin


class RevokedFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    values = [("live", "Live"), ("revoked", "Revoked")]

    def narrowed(self, queryset: QuerySet[ApiToken], value: str) -> QuerySet[ApiToken]:
        found = {"live": queryset.filter(revoked_at=None)}
        found["revoked"] = queryset.exclude(revoked_at=None)
        return found.get(value, queryset.none())


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens are created where their secret can be shown, and never deleted: imports
    refer to them."""

    list_display = ["prefix", "user", "identifier", "created_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = [RevokedFilter, UserFilter]
    search_fields = ["=prefix", "user__username", "identifier"]
    ordering = ["-created_at"]
    fields = ["user", "prefix", "identifier", "permissions", "created_at", "revoked_at"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description="Revoke selected API tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: ApiTokenQuerySet) -> None:
        count = queryset.live().update(revoked_at=timezone.now())
        self.message_user(
            request, f"Revoked {count_of(count, 'token')}.", messages.SUCCESS
        )
