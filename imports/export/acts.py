"""Documents of what a user has done as a moderator or asked for, and of the log.

Times are milliseconds.
"""

from django.contrib.admin.models import LogEntry

from imports.export.documents import Document, decision, gpt, time
from imports.models import ImportRule, Revert, RevertBatch
from scores.models import ClassReview
from tachi.api.times import milliseconds
from tachi.moderation.models import Entry


def requested_revert(revert: Revert) -> Document:
    """A revert, of whomever's import, that the user requested or restored."""
    return {
        "importID": revert.of_import.import_id,
        "revertedBy": revert.reverted_by_id,
        "revertedAt": milliseconds(revert.reverted_at),
        "origin": revert.origin,
        "reason": revert.reason,
        "batchID": revert.batch.batch_id if revert.batch else None,
        "restoredBy": revert.restored_by_id,
        "restoredAt": time(revert.restored_at),
    }


def requested_batch(batch: RevertBatch) -> Document:
    """A batch of reverts that the user asked for, as it was asked for."""
    return {
        "batchID": batch.batch_id,
        "kind": batch.kind,
        "state": batch.state,
        "origin": batch.origin,
        "reason": batch.reason,
        "note": batch.note,
        "filters": batch.filters,
        "imports": batch.imports,
        "createdAt": milliseconds(batch.created_at),
        "finishedAt": time(batch.finished_at),
    }


def class_decision(review: ClassReview) -> Document:
    """What the user decided of somebody's class."""
    claim = review.claim
    of_class = {**gpt(claim.gpt), "set": claim.class_set, "value": claim.value}
    return {**of_class, "userID": review.user_id, **decision(review)}


def moderation(entry: Entry) -> Document:
    """What somebody did to what is the user's, or the user to what is others'.

    Without the note, which is for moderators. `by` is the id of who did it.
    """
    return {
        "time": milliseconds(entry.at),
        "by": entry.by_id,
        "origin": entry.origin,
        "verb": entry.verb,
        "subject": entry.subject_kind,
        "subjectID": entry.subject_id,
        "text": entry.subject_text,
        "userID": entry.player_id,
        "reason": entry.reason,
        "batchID": entry.batch_id or None,
        "details": entry.details,
    }


def made_rule(rule: ImportRule) -> Document:
    """A rule that the user made or lifted."""
    return {
        "ruleID": rule.rule_id,
        "filters": rule.filters,
        "text": rule.text,
        "note": rule.note,
        "until": time(rule.until),
        "madeBy": rule.made_by_id,
        "madeAt": milliseconds(rule.made_at),
        "liftedBy": rule.lifted_by_id,
        "liftedAt": time(rule.lifted_at),
    }


def log_entry(entry: LogEntry) -> Document:
    """What the user did in the admin."""
    return {
        "time": milliseconds(entry.action_time),
        "object": entry.object_repr,
        "action": entry.get_action_flag_display(),
        "message": entry.get_change_message(),
    }
