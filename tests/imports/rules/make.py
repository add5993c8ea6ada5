"""Rules to test with."""

from datetime import timedelta

from django.utils import timezone

from imports.models import ImportRule, Origin, RequestedBy
from imports.rules.stop import Wanted, stop_source

TEXT = "Your client sends keyboard scores as controller scores. Update it."
OPERATOR = RequestedBy(None, Origin.COMMAND)


def make_rule(text=TEXT, until=None, note="", **filters) -> ImportRule:
    return stop_source(Wanted(filters, until, text, note), OPERATOR)


def soon(**hours):
    return timezone.now() + timedelta(**(hours or {"hours": 1}))


def matched(rule) -> int:
    return ImportRule.objects.get(pk=rule.pk).matched
