"""Stopping a source of imports by a rule, and lifting it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from imports.models import ImportRule, RequestedBy, RevertBatch
from imports.rules.meaning import BadRule, in_words, meaning
from tachi.moderation.log import Act, Subject, Verb, record

LONGEST = 2000  # characters of a text, and of a note
NO_TEXT = "Say why, for who sends what is refused."
OVER = "This time is past: the rule would never refuse anything."


@dataclass(frozen=True)
class Wanted:
    """A rule that is to be made: `filters` by name, `until` a time or null for good.

    `text` is what senders are told, `note` is for moderators, and `batch` the one whose
    source it stops.
    """

    filters: Mapping[str, Any]
    until: datetime | None
    text: str
    note: str = ""
    batch: RevertBatch | None = None


class NotLifted(Exception):
    """The rule was lifted already."""

    status = 409

    def __init__(self, rule: ImportRule) -> None:
        self.text = f"This rule was lifted already, at {rule.lifted_at:%Y-%m-%d %H:%M}."
        super().__init__(self.text)


def stop_source(wanted: Wanted, requested_by: RequestedBy) -> ImportRule:
    """Refuse further imports that match all filters, from now on.

    Whatever is queued, or is not written yet, is refused as well. Raises BadRule.
    """
    meant = meaning(wanted.filters)
    text, note = wanted.text.strip(), wanted.note.strip()
    if not text:
        raise BadRule("text", NO_TEXT)
    for name, each in (("text", text), ("note", note)):
        if len(each) > LONGEST or "\0" in each:
            raise BadRule(name, f"Expected at most {LONGEST} characters, none NUL.")
    if wanted.until is not None and wanted.until <= timezone.now():
        raise BadRule("until", OVER)
    by = requested_by.user
    with transaction.atomic():
        rule = ImportRule.objects.create(
            filters=dict(wanted.filters),
            meant=meant,
            until=wanted.until,
            text=text,
            note=note,
            batch=wanted.batch,
            origin=requested_by.origin,
            made_by=by,
            made_by_name=by.username if by else "",
        )
        _log(rule, Verb.MAKE_RULE, replace(requested_by, reason=text, note=note))
    return rule


def lift(rule: ImportRule, requested_by: RequestedBy) -> None:
    """Let the source go on; what was refused meanwhile stays so. Raises NotLifted."""
    by = requested_by.user
    now = timezone.now()
    name = by.username if by else ""
    with transaction.atomic():
        # Of two who lift it the first one is on record.
        lifted = ImportRule.objects.filter(pk=rule.pk, lifted_at=None).update(
            lifted_at=now, lifted_by=by, lifted_by_name=name
        )
        rule.refresh_from_db()
        if not lifted:
            raise NotLifted(rule)
        _log(rule, Verb.LIFT_RULE, requested_by)


def _log(rule: ImportRule, verb: Verb, requested_by: RequestedBy) -> None:
    """Log an act on a rule, with the batch whose source it stops."""
    act = Act(verb, Subject.RULE, rule.pk, in_words(rule.filters))
    record(replace(requested_by, batch=rule.batch).acting, act)
