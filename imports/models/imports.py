"""The import and its input."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

USER = settings.AUTH_USER_MODEL


def new_import_id() -> str:
    return secrets.token_hex(20)


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    REVERTED = "reverted"
    CANCELLED = "cancelled"


UNFINISHED = (State.QUEUED, State.RUNNING)
#: Ways in which a row of the input may end.
WAYS = ("imported", "held", "orphaned", "rejected", "blocked")
#: What is counted: of those that are held, two kinds more; and the sum of the ways.
COUNTS = ("imported", "held", "differing", "filled", *WAYS[2:], "total")


FIRST_OF_EACH_USER = """
    WITH RECURSIVE waiting (user_id) AS (
        SELECT min(user_id) FROM imports_import WHERE state IN ('queued', 'running')
        UNION ALL
        SELECT (
            SELECT min(user_id) FROM imports_import
            WHERE state IN ('queued', 'running') AND user_id > waiting.user_id
        )
        FROM waiting WHERE waiting.user_id IS NOT NULL
    )
    SELECT (
        SELECT min(id) FROM imports_import
        WHERE state IN ('queued', 'running') AND user_id = waiting.user_id
    )
    FROM waiting WHERE waiting.user_id IS NOT NULL
"""


class ImportQuerySet(models.QuerySet["Import"]):
    def completed(self) -> "ImportQuerySet":
        """Those that the API shows: done, and not reverted."""
        return self.filter(state=State.COMPLETED)

    def failed(self) -> "ImportQuerySet":
        return self.filter(state=State.FAILED)

    def reverted(self) -> "ImportQuerySet":
        return self.filter(state=State.REVERTED)

    def queued(self) -> "ImportQuerySet":
        return self.filter(state=State.QUEUED)

    def unfinished(self) -> "ImportQuerySet":
        return self.filter(state__in=UNFINISHED)

    def held(self) -> "ImportQuerySet":
        """Those that a worker works on: its lease has not run out."""
        return self.filter(state=State.RUNNING, lease_until__gte=Now())

    def free(self) -> "ImportQuerySet":
        """Those that a worker may take: queued, or the lease of a worker ran out."""
        abandoned = Q(state=State.RUNNING, lease_until__lt=Now())
        return self.filter(Q(state=State.QUEUED) | abandoned)

    def in_turn(self) -> "ImportQuerySet":
        """Unfinished imports before which their user has no other unfinished one.

        To ask whether one import is; for all of them take `first_of_each_user`.
        """
        earlier = Import.objects.unfinished().filter(
            user=OuterRef("user"), pk__lt=OuterRef("pk")
        )
        return self.unfinished().filter(~Exists(earlier))

    def first_of_each_user(self) -> "ImportQuerySet":
        """The unfinished imports whose turn it is, one of each user.

        The cost grows with the number of users who wait, not with what one of them has
        queued: the query goes from user to user along the index.
        """
        return self.filter(pk__in=RawSQL(FIRST_OF_EACH_USER, []))

    def overdue(self, wake_after: timedelta) -> "ImportQuerySet":
        """Those whose worker died, or whose wake-up seems to be lost.

        `wake_after` is how long an import may be queued without any wake-up.
        """
        abandoned = Q(state=State.RUNNING, lease_until__lt=Now())
        never_woken = Q(wake_again_at=None, received_at__lt=Now() - wake_after)
        not_taken = Q(wake_again_at__lt=Now()) | never_woken
        return self.filter(abandoned | (Q(state=State.QUEUED) & not_taken))

    def out_of_attempts(self) -> "ImportQuerySet":
        """Those whose worker died or stalled IMPORT_ATTEMPTS times already."""
        return self.filter(attempts__gte=settings.IMPORT_ATTEMPTS)


class Import(models.Model):
    """An import, from the moment it is accepted; the row is the whole state machine.

    `sequence` numbers a user's imports in the order in which they took effect.
    `lease_number` counts the workers that took it; only the last may write.
    `lease_until` is when the worker of a running import counts as dead; `wake_again_at`
    is when the wake-up for a queued import counts as lost, or when it is tried again.
    `attempts` counts its workers that died or stalled, `delays` how often trouble of
    the database has put it off; `takeovers` is `attempts` that no retry resets.
    `waiting_since` is when its turn came, and `request_id` names the request that
    brought it in the log.
    `later_claims` are its claims on scores that an earlier import owns: the score's
    primary key → position, or what it reported differently (`imports.reports`).
    `past_rules`: a moderator or operator runs it, and no rule (`imports.rules`) stops
    it.
    `idempotency_key` and `digest` tell what was sent before (`imports.once`).
    An import that was run again has `rerun_of`, the one whose place it took, and
    `sent_sequence`, the sequence of the one that was sent: what its player has deleted
    since then is not claimed again.
    `context` is what its orphans are read with (`imports.formats.base.Parsed`).
    `errors` are the first MOST_LISTED (`imports.failures`) of its rows' failures,
    `problems` what was wrong with a document that was refused (`imports.formats`).
    """

    import_id = models.CharField(max_length=40, default=new_import_id, editable=False)
    user = models.ForeignKey(USER, models.CASCADE, db_index=False)
    import_type = models.CharField(max_length=40)
    game = models.CharField(max_length=10, blank=True)
    service = models.CharField(max_length=80, blank=True)
    user_intent = models.BooleanField(default=False)
    token = models.ForeignKey(
        "accounts.ApiToken", models.SET_NULL, null=True, blank=True
    )
    user_agent = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=255, blank=True, db_default="")
    digest = models.BinaryField(null=True, help_text="of what was sent")
    past_rules = models.BooleanField(default=False, db_default=False, editable=False)
    rerun_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reruns",
        db_index=False,
        help_text="whose place it took, when that was run again",
    )
    sent_sequence = models.PositiveIntegerField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_number = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    wake_again_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    delays = models.PositiveIntegerField(default=0)
    takeovers = models.PositiveIntegerField(default=0, db_default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")

    phase = models.CharField(max_length=10, blank=True)
    description = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)

    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    context = models.JSONField(default=dict)
    class_deltas = models.JSONField(default=list)
    later_claims = models.JSONField(default=dict)
    error_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_text = models.TextField(blank=True, help_text="what the user is told")
    problems = models.JSONField(null=True, blank=True, editable=False)
    error_detail = models.TextField(blank=True, help_text="for operators only")

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["import_id"], name="import_identity"),
            models.UniqueConstraint(
                fields=["user", "sequence"], name="sequence_of_user"
            ),
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="one_import_of_key",
            ),
            models.UniqueConstraint(
                fields=["rerun_of"],
                condition=models.Q(rerun_of__isnull=False),
                name="one_rerun_of_import",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(State.COMPLETED, State.REVERTED))
                | models.Q(sequence__isnull=False),
                name="done_import_has_sequence",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-finished_at"], name="import_by_finish"),
            models.Index(
                fields=["-started_at"],
                condition=models.Q(state=State.FAILED),
                name="failed_import_by_start",
            ),
            models.Index(fields=["user", "state"], name="import_of_user"),
            models.Index(
                fields=["state", "lease_until"],
                condition=models.Q(state__in=UNFINISHED),
                name="import_unfinished",
            ),
            models.Index(
                fields=["user", "id"],
                condition=models.Q(state__in=UNFINISHED),
                name="import_in_turn",
            ),
            models.Index(fields=["digest", "user"], name="import_sent_again"),
            models.Index(
                fields=["-finished_at"],
                condition=models.Q(state=State.COMPLETED) & ~models.Q(class_deltas=[]),
                name="import_of_classes",
            ),
            models.Index(fields=["state", "import_type"], name="import_by_outcome"),
            models.Index(
                fields=["takeovers"],
                condition=models.Q(takeovers__gt=0),
                name="import_taken_over",
            ),
        ]
        permissions = [
            ("revert_import", "Can revert imports"),
            ("restore_import", "Can restore reverted imports"),
            ("bulk_revert", "Can revert imports in batches"),
            ("cancel_import", "Can cancel imports, and run failed ones again"),
            ("review_class", "Can withdraw classes that imports provided"),
            ("stop_source", "Can stop a source of imports"),
        ]

    def __str__(self) -> str:
        return self.import_id

    def state_now(self) -> str:
        """Its state just now, "deleted" where it is not there any more."""
        found = type(self).objects.filter(pk=self.pk).values_list("state", flat=True)
        return found.first() or "deleted"

    @property
    def ordered_counts(self) -> dict[str, int]:
        """`counts` in the order of COUNTS, which PostgreSQL does not keep."""
        return {name: self.counts[name] for name in COUNTS if name in self.counts}

    @property
    def failed_rows(self) -> int:
        """How many rows made no score; `errors` may have fewer."""
        return sum(self.counts.get(name, 0) for name in ("orphaned", "rejected"))


class ImportInput(models.Model):
    """What was sent: the compressed `payload`, and what the parser needs beside it.

    `size` is how many bytes of it were added to the user's day (`DailyIntake`).
    """

    of_import = models.OneToOneField(
        Import, models.CASCADE, primary_key=True, related_name="input"
    )
    payload = models.BinaryField()
    filename = models.CharField(max_length=255, blank=True)
    parameters = models.JSONField(default=dict)
    size = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"input of {self.of_import_id}"
