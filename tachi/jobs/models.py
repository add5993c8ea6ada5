"""A job: long work that is done in pieces, of a player or of the site."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone


def new_job_id() -> str:
    return secrets.token_hex(20)


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


#: A worker has it, for as long as its lease lasts.
HELD = (State.RUNNING, State.PAUSING, State.CANCELLING)
UNFINISHED = (State.QUEUED, State.PAUSED, *HELD)


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=UNFINISHED)

    def moving(self) -> "JobQuerySet":
        """Those that go on without anybody's doing: not done, and not paused."""
        return self.filter(state__in=(State.QUEUED, *HELD))

    def at_work(self) -> "JobQuerySet":
        """Those that a worker has, or is woken for."""
        return self.filter(
            Q(state__in=HELD, lease_until__gte=Now())
            | Q(state=State.QUEUED, wake_again_at__gte=Now())
        )

    def lapsed(self) -> "JobQuerySet":
        """Those whose worker died or stalled."""
        return self.filter(state__in=HELD, lease_until__lt=Now())

    def due(self) -> "JobQuerySet":
        """Those that a worker may take, whoever has waited longest first."""
        queued = self.filter(state=State.QUEUED, turn_at__lte=Now())
        return queued.order_by("turn_at", "pk")


class Job(models.Model):
    """Work of one kind (`settings.JOBS`), for a user or, without one, for the site.

    `cursor` is where the work is, in words of its kind, and `result` what came of it.
    `requests` counts how often it was asked for: whoever asks for what is unfinished
    joins it. `turn_at` is when it may go on: the queue is in this order, and trouble of
    the database puts it off. `wake_again_at` is when its wake-up counts as lost.
    `lease_number` counts the workers that took it; only the last may write.
    `attempts` counts workers that died or stalled, `delays` how often it was put off,
    both since it last got on.
    """

    job_id = models.CharField(max_length=40, default=new_job_id, editable=False)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    requests = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    description = models.CharField(max_length=200, blank=True)
    cursor = models.JSONField(default=dict)
    result = models.JSONField(default=dict)

    turn_at = models.DateTimeField(default=timezone.now)
    wake_again_at = models.DateTimeField(null=True, blank=True)
    lease_number = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    delays = models.PositiveIntegerField(default=0)
    error_text = models.TextField(blank=True, help_text="what the user is told")
    error_detail = models.TextField(blank=True, help_text="for operators only")

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job_id"], name="job_identity"),
            models.UniqueConstraint(
                fields=["kind", "user"],
                condition=Q(state__in=UNFINISHED, user__isnull=False),
                name="one_unfinished_job_of_user",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(state__in=UNFINISHED, user__isnull=True),
                name="one_unfinished_job_of_site",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="job_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["turn_at"],
                condition=Q(state__in=UNFINISHED),
                name="job_in_turn",
            ),
        ]
        permissions = [("control_job", "Can pause, resume and cancel jobs")]

    def __str__(self) -> str:
        return f"{self.kind} {self.job_id}"
