"""Rules that stop a source: listed, made by a form, and lifted."""

from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from imports.admin.rule_form import RuleForm, prefilled
from imports.models import ImportRule, ImportRuleQuerySet, Origin, RequestedBy
from imports.rules.meaning import BadRule, in_words
from imports.rules.stop import NotLifted, lift, stop_source
from tachi.accounts.authentication import user_of
from tachi.admin.columns import time_column
from tachi.admin.confirmation import confirmation, given_reason
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import EMPTY, count_of, format_time
from tachi.admin.log import ReasonForm
from tachi.admin.read_only import MAX_ROWS, ReadOnlyAdmin, too_many
from tachi.moderation.log import Subject
from tachi.moderation.pages import ShowsActs
from tachi.pages.looks import badge

FOR_GOOD = "for good"


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    values = [("live", "Live"), ("lifted", "Lifted"), ("over", "Over")]

    def narrowed(
        self, queryset: QuerySet[ImportRule], value: str
    ) -> QuerySet[ImportRule]:
        is_over = Q(until__lte=timezone.now())
        found = {
            "live": queryset.filter(lifted_at=None).exclude(is_over),
            "lifted": queryset.exclude(lifted_at=None),
            "over": queryset.filter(is_over, lifted_at=None),
        }
        return found.get(value, queryset.none())


@admin.register(ImportRule)
class ImportRuleAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        "short_id",
        "what",
        "state_badge",
        "until_text",
        "matched",
        time_column("made_at", "made"),
        "made_by_name",
        "text",
    ]
    list_filter = [StateFilter]
    search_fields = ["text", "note"]
    search_help_text = "Part of a text or note."
    actions = ["lift"]
    acts = ("imports.stop_source",)
    fields = [
        "rule_id",
        "state",
        "what",
        "until_text",
        "text",
        "note",
        "matched",
        "batch",
        "origin",
        "made",
        "made_by_name",
        "lifted",
        "lifted_by_name",
    ]
    readonly_fields = ["what", "state", "until_text", "made", "lifted"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.stop_source")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("imports.stop_source")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form of a new rule; an address may fill it in (`rule_form.prefilled`)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = RuleForm(request.POST if is_sent else None, initial=prefilled(request))
        if is_sent and (rule := self.made_of(request, form)):
            url = reverse("admin:imports_importrule_change", args=[rule.pk])
            return HttpResponseRedirect(url)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Stop a source",
            "form": form,
        }
        template = "admin/imports/importrule/add_form.html"
        return TemplateResponse(request, template, context)

    def made_of(self, request: HttpRequest, form: RuleForm) -> ImportRule | None:
        """The rule that the form makes; None where the form says what is wrong."""
        if not form.is_valid():
            return None
        by = RequestedBy(user_of(request), Origin.ADMIN)
        try:
            rule = stop_source(form.wanted(), by)
        except BadRule as error:
            form.add_error(
                error.name if error.name in form.fields else None, error.told
            )
            return None
        text = "Further imports like these are refused from now on."
        self.message_user(request, text, messages.SUCCESS)
        return rule

    @admin.action(description="Lift selected rules", permissions=["lift"])
    def lift(
        self, request: HttpRequest, queryset: ImportRuleQuerySet
    ) -> TemplateResponse | None:
        """Ask; once it is confirmed, lift the rules that are not lifted."""
        rules, form = queryset.filter(lifted_at=None), given_reason(request)
        if too_many(rules):
            text = f"At most {MAX_ROWS} rules at once."
            self.message_user(request, text, messages.ERROR)
        elif not rules:
            text = "All of these rules are lifted."
            self.message_user(request, text, messages.WARNING)
        elif form.is_valid():
            self.lift_now(request, rules, form)
        else:
            context = {"action": "lift", "title": "Lift rules", "form": form}
            return confirmation(self, request, list(rules.order_by("-pk")), context)
        return None

    def lift_now(
        self, request: HttpRequest, rules: ImportRuleQuerySet, form: ReasonForm
    ) -> None:
        """Lift them, and say how many."""
        reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
        by = RequestedBy(user_of(request), Origin.ADMIN, reason, note=note)
        lifted = []
        for rule in rules:
            with suppress(NotLifted):  # somebody else was first
                lift(rule, by)
                lifted.append(rule)
        text = f"Lifted {count_of(len(lifted), 'rule')}."
        self.message_user(request, text, messages.SUCCESS)

    def acts_on(self, rule: ImportRule) -> Q:
        return Q(subject_kind=Subject.RULE, subject_id=str(rule.pk))

    @admin.display(description="rule")
    def short_id(self, rule: ImportRule) -> str:
        return f"{rule.rule_id[:8]}…"

    @admin.display(description="refuses imports of")
    def what(self, rule: ImportRule) -> str:
        return in_words(rule.filters)

    @admin.display(description="state")
    def state_badge(self, rule: ImportRule) -> str:
        state = rule.state(timezone.now())
        return badge(state, "news" if state == "live" else "gone")

    def state(self, rule: ImportRule) -> str:
        return rule.state(timezone.now())

    @admin.display(description="until")
    def until_text(self, rule: ImportRule) -> str:
        return format_time(rule.until) if rule.until else FOR_GOOD

    def made(self, rule: ImportRule) -> str:
        return format_time(rule.made_at)

    def lifted(self, rule: ImportRule) -> str:
        return format_time(rule.lifted_at) if rule.lifted_at else EMPTY
