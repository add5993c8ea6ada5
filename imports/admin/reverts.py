"""Reverts: who reverted which import, when, from where and why."""

from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html

from imports.admin import actions
from imports.batches.rights import STAFF, is_administrator
from imports.models import Import, Origin, Revert
from imports.undo.reruns import without_live_reruns
from imports.undo.restorable import Restorable, restorable
from scores.admin.filters import ImportFilter
from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.authentication import user_of
from tachi.accounts.models import User
from tachi.admin.filters import ChoiceFilter, TimeFilter
from tachi.admin.formatting import count_of, detail_link, link, shortened
from tachi.admin.read_only import ReadOnlyAdmin
from tachi.pages.looks import badge, exactly, relative_time

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

WHENCE: dict[str, str] = {
    Origin.API: "by the API",
    Origin.ADMIN: "in the admin",
    Origin.COMMAND: "by a command",
}


class RevertedImportFilter(ImportFilter):
    lookup = "of_import__import_id"


class PlayerFilter(UserFilter):
    title = "player"
    parameter_name = "player"
    lookup = "of_import__user"


class ModeratorFilter(UserFilter):
    title = "who reverted"
    parameter_name = "by"
    lookup = "reverted_by"


class OriginFilter(ChoiceFilter):
    title = "origin"
    parameter_name = "origin"
    lookup = "origin"
    values = Revert.Origin.choices


class RestoredFilter(ChoiceFilter):
    title = "restored"
    parameter_name = "restored"
    values = [("yes", "Yes"), ("no", "No")]

    def narrowed(self, queryset: QuerySet[Revert], value: str) -> QuerySet[Revert]:
        found = {"yes": queryset.exclude(restored_at=None)}
        found["no"] = queryset.filter(restored_at=None)
        return found.get(value, queryset.none())


class SinceFilter(TimeFilter):
    title = "reverted since"
    parameter_name = "since"
    lookup = "reverted_at__gte"


class UntilFilter(TimeFilter):
    title = "reverted before"
    parameter_name = "until"
    lookup = "reverted_at__lt"


class OfImport(TypedDict):
    """What the list adds to each row."""

    import_id: str
    player_name: str
    player_id: int
    is_kept: bool
    is_of_staff: bool


class Listed(ChangeList):
    """The page of a list, with which imports were run again as one that is gone."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = seen_by(request, list(self.result_list))


@admin.register(Revert)
class RevertAdmin(ReadOnlyAdmin):
    list_display = [
        "reverted",
        "player",
        "import_link",
        "came_back_as",
        "by",
        "reason",
        "what",
        "batch_link",
        "restore",
    ]
    list_display_links = ["reverted"]
    list_select_related = ["reverted_by", "restored_by", "batch"]
    list_filter = [
        PlayerFilter,
        ModeratorFilter,
        OriginFilter,
        RestoredFilter,
        SinceFilter,
        UntilFilter,
        RevertedImportFilter,
    ]
    ordering = ["-reverted_at", "-pk"]
    search_fields = ["reason"]
    search_help_text = "Part of a reason."
    fields = [
        "came_back_as",
        "of_import",
        "player",
        "reverted",
        "by",
        "reason",
        "what",
        "batch",
        "restore",
    ]
    readonly_fields = ["came_back_as", "player", "reverted", "by", "what", "restore"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revert]:
        reverts = super().get_queryset(request).defer("snapshot", "batch__preview")
        owner = User.objects.filter(STAFF, pk=OuterRef("of_import__user"))
        return reverts.annotate(
            import_id=F("of_import__import_id"),
            player_name=F("of_import__user__username"),
            player_id=F("of_import__user"),
            is_kept=Q(snapshot__isnull=False),
            is_of_staff=Exists(owner),
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Revert | None:
        """A row of a page, which says the same of it as the list."""
        revert = super().get_object(request, object_id, from_field)
        return seen_by(request, [revert])[0] if revert else None

    def get_urls(self) -> list[Any]:
        """The pages, and the one that asks whether a revert is to be undone."""
        restore = path(
            "<path:object_id>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name="imports_revert_restore",
        )
        return [restore, *super().get_urls()]

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore its import: the page of imports asks, and does it."""
        revert = self.get_object(request, unquote(object_id))
        if not (self.has_view_permission(request, revert) and may_restore(request)):
            raise PermissionDenied
        if revert is None:
            return HttpResponseRedirect(reverse("admin:imports_revert_changelist"))
        url = reverse("admin:imports_revert_change", args=[revert.pk])
        stands: Restorable = vars(revert)["stands"]
        if not stands.can_be:
            text = f"Nothing was restored. {stands.why_not}"
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(url)
        pages = admin.site.get_model_admin(Import)
        imports = Import.objects.filter(pk=revert.of_import_id)
        asked = actions.restore(cast(ReadOnlyAdmin, pages), request, imports)
        return asked or HttpResponseRedirect(url)

    def reverted(self, revert: Revert) -> str:
        return relative_time(revert.reverted_at)

    @admin.display(description="import")
    def import_link(self, revert: "WithAnnotations[Revert, OfImport]") -> str:
        return detail_link(
            shortened(revert.import_id), "imports_import", revert.of_import_id
        )

    @admin.display(description="batch")
    def batch_link(self, revert: Revert) -> str:
        """Its batch, where that is of several imports."""
        batch = revert.batch
        if batch is None or batch.imports <= 1:
            return ""
        label = f"{shortened(batch.batch_id)} ({batch.imports:,})"
        return detail_link(label, "imports_revertbatch", revert.batch_id)

    def player(self, revert: "WithAnnotations[Revert, OfImport]") -> str:
        return detail_link(revert.player_name, "accounts_user", revert.player_id)

    @admin.display(description="reverted by")
    def by(self, revert: Revert) -> str:
        """Who, and from where."""
        who = revert.reverted_by.username if revert.reverted_by else "an operator"
        return f"{who}, {WHENCE[revert.origin]}"

    @admin.display(description="scores")
    def what(self, revert: Revert) -> str:
        held = count_of(revert.score_count, "score")
        orphans = revert.orphan_count
        return f"{held}, {count_of(orphans, 'orphan')}" if orphans else held

    @admin.display(description="can be restored")
    def came_back_as(self, revert: Revert) -> str:
        """Until when, or why not any more."""
        if revert.restored_at is not None:
            by = revert.restored_by.username if revert.restored_by else "an operator"
            when = relative_time(revert.restored_at)
            return format_html("{} {} by {}", badge("Restored"), when, by)
        stands: Restorable = vars(revert)["stands"]
        if not stands.can_be:
            return format_html("{} {}", badge("Not any more"), stands.why_not)
        if stands.until is None:
            return "as long as its batch goes on, or is held"
        return format_html(
            'until <time datetime="{}" title="{}">{}</time>',
            stands.until.isoformat(timespec="seconds"),
            exactly(stands.until),
            exactly(stands.until)[: len("2026-07-31")],
        )

    @admin.display(description="restore")
    def restore(self, revert: "WithAnnotations[Revert, OfImport]") -> str:
        """The button; who may not is told so."""
        stands: Restorable = vars(revert)["stands"]
        if not stands.can_be or not vars(revert)["may_restore"]:
            return ""
        if vars(revert)["needs_administrator"]:
            return "an import of staff: needs an administrator"
        label = format_html(
            'Restore…<span class="unseen"> import {}</span>',
            shortened(revert.import_id),
        )
        return link(label, reverse("admin:imports_revert_restore", args=[revert.pk]))


def may_restore(request: HttpRequest) -> bool:
    """Whether who asks may restore imports at all."""
    return request.user.has_perm("imports.restore_import")


def seen_by(request: HttpRequest, reverts: list[Any]) -> list[Any]:
    """Reverts with how they stand, and what who asks may do; one statement, or two."""
    user = user_of(request)
    may, may_all = may_restore(request), is_administrator(user)
    imports = [revert.of_import_id for revert in reverts]
    run_again = without_live_reruns(imports)
    for revert in reverts:
        revert.stands = restorable(revert, is_kept=revert.is_kept, run_again=run_again)
        revert.may_restore = may
        is_own = revert.player_id == user.pk
        revert.needs_administrator = revert.is_of_staff and not (may_all or is_own)
    return reverts
