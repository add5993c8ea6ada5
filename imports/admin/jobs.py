"""Jobs: what long work is going on, how far it is, and pausing or cancelling it."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from scores.apply_each import apply_each
from tachi.accounts.admin.filters import UserFilter
from tachi.admin.columns import state_column, time_column
from tachi.admin.filters import ChoiceFilter
from tachi.admin.formatting import EMPTY, count_of, format_json, format_time
from tachi.admin.log import ActionWithReason
from tachi.admin.read_only import MAX_ROWS, MAX_SECONDS, ReadOnlyAdmin, too_many
from tachi.jobs import control
from tachi.jobs.models import Job, State
from tachi.moderation.log import Acting, Subject
from tachi.moderation.pages import ShowsActs, acting


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"
    lookup = "state"
    values = State.choices


@admin.register(Job)
class JobAdmin(ShowsActs, ReadOnlyAdmin):
    list_display = [
        time_column("created_at", "created"),
        "kind",
        "user",
        state_column("state"),
        "progress",
        time_column("finished_at", "finished"),
    ]
    list_select_related = ["user"]
    list_filter = [UserFilter, StateFilter]
    actions = ["pause", "resume", "cancel"]
    action_form = ActionWithReason
    acts = ("jobs.control_job",)
    fields = [
        "job_id",
        "kind",
        "user",
        "state",
        "progress",
        "description",
        "result_json",
        "requests",
        "created",
        "started",
        "finished",
        "lease_number",
        "attempts",
        "delays",
        "error_text",
        "error_detail",
    ]
    readonly_fields = ["progress", "result_json", "created", "started", "finished"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).defer("error_detail", "cursor")

    def has_control_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.control_job")

    @admin.action(description="Pause selected jobs", permissions=["control"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.apply(request, queryset, control.pause)

    @admin.action(description="Resume selected jobs", permissions=["control"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.apply(request, queryset, control.resume)

    @admin.action(description="Cancel selected jobs", permissions=["control"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.apply(request, queryset, control.cancel)

    def apply(
        self,
        request: HttpRequest,
        queryset: QuerySet[Job],
        verb: Callable[[Job, Acting], State],
    ) -> None:
        """Do it to each, and tell what each is now, or why it is not."""
        if too_many(queryset):
            text = f"At most {MAX_ROWS} jobs at once."
            self.message_user(request, text, messages.ERROR)
            return
        by = acting(request)
        outcome = apply_each(
            queryset.order_by("pk"),
            lambda job: verb(job, by),
            refusals=(control.NotPossible,),
            seconds=MAX_SECONDS,
        )
        if outcome.done:
            states = {state.label.lower() for _, state in outcome.done}
            text = f"{count_of(len(outcome.done), 'job')}: {', '.join(sorted(states))}."
            self.message_user(request, text, messages.SUCCESS)
        for job, why in outcome.refused:
            self.message_user(
                request, f"Job {job} was left alone. {why}", messages.ERROR
            )

    def acts_on(self, job: Job) -> Q:
        return Q(subject_kind=Subject.JOB, subject_id=job.job_id)

    def progress(self, job: Job) -> str:
        if job.total is None:
            return str(job.done)
        return f"{job.done} of {job.total}"

    @admin.display(description="result")
    def result_json(self, job: Job) -> str:
        return format_json(job.result) if job.result else EMPTY

    def created(self, job: Job) -> str:
        return format_time(job.created_at)

    def started(self, job: Job) -> str:
        return format_time(job.started_at)

    def finished(self, job: Job) -> str:
        return format_time(job.finished_at)
