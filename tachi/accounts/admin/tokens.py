"""API tokens, for moderators."""

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.models import ApiToken, ApiTokenQuerySet
from tachi.accounts.tokens import revoke
from tachi.admin.columns import time_column
from tachi.admin.confirmation import confirmation, given_reason
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import count_of
from tachi.admin.read_only import MAX_ROWS, ReadOnlyAdmin, too_many
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs, acting


class RevokedFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    values = [("live", "Live"), ("revoked", "Revoked")]

    def narrowed(self, queryset: QuerySet[ApiToken], value: str) -> QuerySet[ApiToken]:
        found = {"live": queryset.filter(revoked_at=None)}
        found["revoked"] = queryset.exclude(revoked_at=None)
        return found.get(value, queryset.none())


@admin.register(ApiToken)
class ApiTokenAdmin(ShowsActs, ReadOnlyAdmin):
    """Tokens are created where their secret can be shown, and never deleted: imports
    refer to them."""

    list_display = [
        "prefix",
        "user",
        "identifier",
        time_column("created_at", "created"),
        time_column("revoked_at", "revoked"),
    ]
    list_select_related = ["user"]
    list_filter = [RevokedFilter, UserFilter]
    search_fields = ["=prefix", "user__username", "identifier"]
    ordering = ["-created_at"]
    fields = ["user", "prefix", "identifier", "permissions", "created_at", "revoked_at"]
    actions = ["revoke"]
    acts = ("accounts.revoke_token",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.revoke_token")

    @admin.action(description="Revoke selected API tokens", permissions=["revoke"])
    def revoke(
        self, request: HttpRequest, queryset: ApiTokenQuerySet
    ) -> TemplateResponse | None:
        """Ask; once it is confirmed, revoke the tokens that are live."""
        live, form = queryset.live(), given_reason(request)
        if too_many(live):
            text = f"At most {MAX_ROWS} tokens at once."
            self.message_user(request, text, messages.ERROR)
        elif not live:
            text = "All of these tokens are revoked."
            self.message_user(request, text, messages.WARNING)
        elif form.is_valid():
            revoked = revoke(live, acting(request, form))
            text = f"Revoked {count_of(len(revoked), 'token')}."
            self.message_user(request, text, messages.SUCCESS)
        else:
            context = {"action": "revoke", "title": "Revoke API tokens", "form": form}
            return confirmation(self, request, list(live.order_by("-pk")), context)
        return None

    def acts_on(self, token: ApiToken) -> Q:
        return Q(subject_kind=Subject.TOKEN, subject_id=token.pk)
