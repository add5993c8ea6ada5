"""Users, for moderators to look at and ban, and for superusers to change."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from tachi.accounts.admin.superusers import OnlySuperusersChange
from tachi.accounts.bans import ban, unban
from tachi.accounts.models import AuthLevel, User
from tachi.accounts.passwords import NewPasswordForm, log_ended_tokens
from tachi.accounts.profiles import SITES
from tachi.admin.columns import time_column
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import count_of
from tachi.admin.lists import ListLooks
from tachi.admin.log import ActionWithReason
from tachi.admin.looking import SeenByWhoActs
from tachi.admin.read_only import MAX_ROWS, ROWS, too_many
from tachi.moderation.log import Acting
from tachi.moderation.pages import ShowsActs, acting, log_link

PROFILE = ("about", "status", *SITES, "email")
SEEN = time_column("last_seen", "last_seen", "last seen")
TIMES: list[Any] = [
    time_column("date_joined", "joined", "joined"),
    SEEN,
    time_column("last_login", "signed_in", "last sign-in"),
]


class LevelFilter(ChoiceFilter):
    title = "auth level"
    parameter_name = "auth_level"
    lookup = "auth_level"
    values = [(str(value), label) for value, label in AuthLevel.choices]


class YesNoFilter(ChoiceFilter):
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset: QuerySet[User], value: str) -> QuerySet[User]:
        return queryset.filter(**{self.lookup: value == "yes"})


class StaffFilter(YesNoFilter):
    title = "staff"
    parameter_name = "staff"
    lookup = "is_staff"


class ActiveFilter(YesNoFilter):
    title = "active"
    parameter_name = "active"
    lookup = "is_active"


@admin.register(User)
class PlayerAdmin(ListLooks, OnlySuperusersChange, SeenByWhoActs, ShowsActs, UserAdmin):
    list_per_page = list_max_show_all = ROWS
    list_display = ["username", "id", "auth_level", "is_staff", SEEN]
    list_display_links = ["username"]
    list_filter = [LevelFilter, StaffFilter, ActiveFilter]
    search_fields = ["=id", "username", "email"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "password", "auth_level"]}),
        ("Profile", {"fields": PROFILE}),
        (
            "The admin",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups"]},
        ),
        ("Times", {"fields": TIMES}),
        ("Records", {"fields": ["log_list"]}),
    ]
    readonly_fields = [*TIMES, "log_list"]
    actions = ["ban", "unban"]
    action_form = ActionWithReason
    acts = ("accounts.ban_user",)
    change_password_form = NewPasswordForm
    change_user_password_template = "admin/accounts/user/new_password.html"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """Who only looks sees no password, and no empty lines of a profile."""
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        if self.has_change_permission(request, obj):
            return fieldsets
        empty = {name for name in PROFILE if not getattr(obj, name, None)}
        left_out = {"password", *empty}
        shown = [
            (title, [each for each in of["fields"] if each not in left_out])
            for title, of in fieldsets
        ]
        return [(title, {"fields": fields}) for title, fields in shown if fields]

    # Deleting a user would delete all their imports and scores: users are banned.
    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_ban_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.ban_user")

    @admin.action(description="Ban selected users", permissions=["ban"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.apply(request, queryset, ban, "Banned {}.")

    @admin.action(description="Lift the ban of selected users", permissions=["ban"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.apply(request, queryset, unban, "{} may return.")

    def apply(
        self,
        request: HttpRequest,
        queryset: QuerySet[User],
        verb: Callable[[QuerySet[User], Acting], list[User]],
        said: str,
    ) -> None:
        """Do it, and say to how many it was done."""
        if too_many(queryset):
            text = f"At most {MAX_ROWS} users at once."
            self.message_user(request, text, messages.ERROR)
            return
        users = verb(queryset, acting(request))
        text = said.format(count_of(len(users), "user"))
        self.message_user(request, text, messages.SUCCESS)

    def acts_on(self, user: User) -> Q:
        return Q(player=user)

    @admin.display(description="moderation log")
    def log_list(self, user: User) -> str:
        return log_link(self.acts_on(user), player=user.username)

    @transaction.atomic
    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        return super().user_change_password(request, id, form_url)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Log as well which API tokens ended with the password (NewPasswordForm)."""
        log_ended_tokens(request, obj)
        return super().log_change(request, obj, message)
