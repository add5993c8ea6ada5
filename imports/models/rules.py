"""Rules that stop a source: which further imports are refused, until when, and why."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from imports.models.batches import Origin, RevertBatch

USER = settings.AUTH_USER_MODEL


def new_rule_id() -> str:
    return secrets.token_hex(20)


class ImportRuleQuerySet(models.QuerySet["ImportRule"]):
    def live(self, now: datetime) -> "ImportRuleQuerySet":
        """Those that refuse imports at that time."""
        return self.filter(Q(until=None) | Q(until__gt=now), lifted_at=None)


class ImportRule(models.Model):
    """Imports that match all of its filters are refused, with a `text` for the sender.

    `filters` are as they were given. `meant` is what they mean, a list of values for
    each: users by primary key, so that whoever takes a name over is not meant. `until`
    is null where it is for good; `note` is for moderators only. `matched` counts what
    was refused. Names outlive those who bore them.
    """

    rule_id = models.CharField(max_length=40, default=new_rule_id, editable=False)
    filters = models.JSONField()
    meant = models.JSONField(editable=False)
    until = models.DateTimeField(null=True, blank=True)
    text = models.TextField(help_text="what senders are told; anybody may read it")
    note = models.TextField(blank=True, help_text="for moderators only")
    batch = models.ForeignKey(
        RevertBatch, models.SET_NULL, null=True, blank=True, related_name="rules"
    )
    matched = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=10, choices=Origin)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_by_name = models.CharField(max_length=150, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_by_name = models.CharField(max_length=150, blank=True)

    objects = ImportRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_id"], name="rule_identity"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(lifted_at=None), name="rule_not_lifted"
            ),
        ]

    def __str__(self) -> str:
        return self.rule_id

    def state(self, now: datetime) -> str:
        """At that time: "live", "lifted" or "over"."""
        if self.lifted_at is not None:
            return "lifted"
        return "live" if self.until is None or self.until > now else "over"
