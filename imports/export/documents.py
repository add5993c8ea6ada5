"""Documents of what the API does not show, or not like this; times are milliseconds."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from orjson import Fragment

from imports.models import (
    ChartQueuePlayer,
    DailyIntake,
    HookSettings,
    Import,
    Orphan,
    OrphanDiscard,
    Revert,
)
from imports.undo.retention import kept_until
from scores.documents.snapshots import snapshot_document
from scores.json_columns import json_text
from scores.models import (
    ClassClaim,
    ClassReview,
    GameSettings,
    PlayerToRerate,
    ProfileSnapshot,
    Replay,
    ScoreDeletion,
    ScoreEdit,
    SessionEdit,
)
from tachi.accounts.models import ApiToken, User
from tachi.api.times import milliseconds
from tachi.jobs.models import Job

Document = Mapping[str, Any]
Documents = Iterable[Document]


def time(moment: datetime | None) -> int | None:
    """Milliseconds, or null."""
    return milliseconds(moment) if moment else None


def gpt(name: str) -> dict[str, str]:
    """A game and its playtype, by name."""
    game, playtype = name.split(":")
    return {"game": game, "playtype": playtype}


def _import(import_: Import) -> dict[str, Any]:
    return {
        "importID": import_.import_id,
        "importType": import_.import_type,
        "userIntent": import_.user_intent,
        "timeReceived": milliseconds(import_.received_at),
    }


def cancelled_import(import_: Import) -> Document:
    """An import that was cancelled, and why."""
    finished = {"timeFinished": time(import_.finished_at)}
    return {**_import(import_), **finished, "reason": import_.error_text}


def unfinished_import(import_: Import) -> Document:
    """An import that is queued or running."""
    return {**_import(import_), "state": import_.state}


def reverted_import(revert: Revert) -> Document:
    """A revert that is in force, and what it reverted."""
    import_ = revert.of_import
    return {
        "importID": import_.import_id,
        "importType": import_.import_type,
        "game": import_.game,
        "timeFinished": time(import_.finished_at),
        "scoreCount": revert.score_count,
        "revertedAt": milliseconds(revert.reverted_at),
        "revertedBy": revert.reverted_by_id,
        "origin": revert.origin,
        "reason": revert.reason,
        "batchID": revert.batch.batch_id if revert.batch else None,
        "restorableUntil": milliseconds(kept_until(revert)),
    }


def orphan_documents(orphans: QuerySet[Orphan]) -> Documents:
    """Orphans, as they were sent; one statement."""
    rows = orphans.annotate(sent=json_text("data")).select_related("source_import")
    for orphan in rows.only(
        "orphan_id",
        "position",
        "game",
        "message",
        "time_inserted",
        "source_import__import_id",
    ):
        yield {
            "orphanID": orphan.orphan_id,
            "importID": orphan.source_import.import_id,
            "position": orphan.position,
            "game": orphan.game,
            "message": orphan.message,
            "data": Fragment(orphan.sent),
            "timeInserted": orphan.time_inserted,
        }


def discard(discard: OrphanDiscard) -> Document:
    """An orphan that is to be none of imports up to a sequence number."""
    return {"orphanID": discard.orphan_id, "upToSequence": discard.up_to_sequence}


def class_claim_documents(claims: QuerySet[ClassClaim]) -> Documents:
    """Class claims with their imports and decisions, withdrawn ones too.

    Three statements.
    """
    import_ids = dict(claims.values_list("pk", "source_import__import_id"))
    decided = defaultdict(list)
    for review in ClassReview.objects.filter(claim__in=list(import_ids)).order_by("pk"):
        decided[review.claim_id].append(decision(review))
    for claim in claims:
        yield {
            **gpt(claim.gpt),
            "set": claim.class_set,
            "value": claim.value,
            "name": claim.name,
            "importID": import_ids[claim.pk],
            "createdAt": milliseconds(claim.created_at),
            "withdrawnAt": time(claim.withdrawn_at),
            "keptAt": time(claim.kept_at),
            "decisions": decided[claim.pk],
        }


def decision(review: ClassReview) -> dict[str, Any]:
    """What was decided of a class."""
    return {
        "decision": review.decision,
        "decidedAt": milliseconds(review.decided_at),
        "origin": review.origin,
        "reason": review.reason,
    }


def deletion(deletion: ScoreDeletion) -> Document:
    """A score that was deleted: claims up to a sequence number are withdrawn."""
    return {"scoreID": deletion.score_id, "upToSequence": deletion.up_to_sequence}


def awaited_chart(player: ChartQueuePlayer) -> Document:
    """A chart that is made when enough players have played it, this one among them."""
    return {
        "game": player.game,
        "playtype": player.playtype,
        "sha256": player.sha256,
        "joinedAt": milliseconds(player.joined_at),
    }


def replay(replay: Replay) -> Document:
    """A replay, whose bytes are base64."""
    return {
        "scoreID": replay.score_id,
        "createdAt": milliseconds(replay.created_at),
        "data": b64encode(replay.data).decode(),
    }


def score_edit(edit: ScoreEdit) -> Document:
    """What the user wrote on a score."""
    return {
        "scoreID": edit.score_id,
        "comment": edit.comment,
        "hasComment": edit.has_comment,
        "highlight": edit.highlight,
        "editedAt": milliseconds(edit.edited_at),
    }


def session_edit(edit: SessionEdit) -> Document:
    """What the user wrote on a session, by its anchor and the time of that."""
    return {
        **gpt(edit.gpt),
        "anchor": edit.anchor,
        "anchorTime": edit.anchor_time,
        "name": edit.name,
        "desc": edit.description,
        "hasDesc": edit.has_description,
        "highlight": edit.highlight,
        "editedAt": milliseconds(edit.edited_at),
    }


def token(token: ApiToken) -> Document:
    """A token without its secret, of which only a hash is kept."""
    return {
        "prefix": token.prefix,
        "identifier": token.identifier,
        "permissions": token.permissions,
        "createdAt": milliseconds(token.created_at),
        "revokedAt": time(token.revoked_at),
    }


def hook(settings: HookSettings) -> Document:
    """What the user has set for a game hook."""
    return {
        "hook": settings.hook,
        "cards": settings.cards,
        "forceStaticImport": settings.force_static_import,
    }


def game_settings(settings: GameSettings) -> Document:
    """What the user prefers to be shown of a game."""
    return {**gpt(settings.gpt), "preferences": settings.preferences}


def snapshot(snapshot: ProfileSnapshot) -> Document:
    """What the user's profile was on one day."""
    document = snapshot_document(snapshot)
    return {**gpt(snapshot.gpt), "day": snapshot.day.isoformat(), **document}


def job_document(job: Job) -> Document:
    """A job of the user."""
    return {
        "jobID": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "createdAt": milliseconds(job.created_at),
        "finishedAt": time(job.finished_at),
        "result": job.result,
    }


def account(user: User) -> Document:
    """What is known of a user beside what everybody may see; two statements."""
    return {
        "lastLogin": time(user.last_login),
        "isActive": user.is_active,
        "isStaff": user.is_staff,
        "isSuperuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": sorted(user.user_permissions.values_list("codename", flat=True)),
    }


def waiting(player: PlayerToRerate) -> Document:
    """A game and playtype in which the user's numbers are of charts before a change."""
    return gpt(player.gpt)


def intake(intake: DailyIntake) -> Document:
    """How many bytes the user's imports added on the last day that they did."""
    return {"day": intake.day.isoformat(), "bytes": intake.bytes}
