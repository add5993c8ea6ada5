"""Changes by hand: edits and deletions by players.

Each verb edits facts under the player's lock and recalculates what follows from them.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Max

from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched, recalculate
from scores.documents import plain, score_documents
from scores.models import (
    Score,
    ScoreBlock,
    ScoreDeletion,
    ScoreEdit,
    Session,
    SessionEdit,
)
from scores.score_rows import ReportedScore
from tachi.moderation.log import Act, Acting, Subject, Verb, is_own, record


def edit_score(score: Score, by: Acting | None = None, **changes: Any) -> bool:
    """Set `comment` (None: none) or `highlight` of a score; False if it is gone.

    `by` is who does it, if not the player. Raises Busy.
    """
    with change_of(score.user_id, settings.REVERT_WAIT_SECONDS):
        if not Score.objects.filter(score_id=score.score_id).exists():
            return False
        if "comment" in changes:
            changes["has_comment"] = True
        ScoreEdit.objects.update_or_create(
            user_id=score.user_id, score_id=score.score_id, defaults=changes
        )
        if "highlight" in changes:
            touched = Touched(score.user_id)
            touched.score(score.gpt, score.chart_id, None)
            recalculate(touched)
        _log(by, Verb.EDIT_SCORE, score)
    return True


def highlight(user_id: int, scores: Iterable[ReportedScore], touched: Touched) -> None:
    """Mark scores that an import brings marked: the player's wish, as by `edit_score`.

    Whether they are new or known. Within the caller's change, which recalculates.
    """
    by_id = {score.score_id: score for score in scores}
    edits = [
        ScoreEdit(user_id=user_id, score_id=score_id, highlight=True)
        for score_id in by_id
    ]
    ScoreEdit.objects.bulk_create(
        edits,
        update_conflicts=True,
        unique_fields=["user", "score_id"],
        update_fields=["highlight", "edited_at"],
    )
    for score in by_id.values():
        touched.score(score.gpt, score.chart.pk, None)


def edit_session(session: Session, **changes: Any) -> bool:
    """Set `name`, `description` (None: none) or `highlight` of a session.

    The edit is stored under the session's anchor score and that score's time, so that
    it is shown on the right session after reverts and imports. False if the session is
    gone, or was merged into another. Raises Busy.
    """
    with change_of(session.user_id, settings.REVERT_WAIT_SECONDS):
        # Sessions may have been recalculated since `session` was read.
        anchor = Score.objects.filter(
            score_id=session.anchor, session__session_id=session.session_id
        ).first()
        if anchor is None or anchor.time_achieved is None:
            return False
        if "description" in changes:
            changes["has_description"] = True
        SessionEdit.objects.update_or_create(
            user_id=session.user_id,
            gpt=session.gpt,
            anchor=session.anchor,
            defaults={"anchor_time": anchor.time_achieved, **changes},
        )
    return True


def delete_score(
    score: Score, by: Acting | None = None, *, block: bool = False
) -> bool:
    """Withdraw every import's claim on a score; False if it is gone already.

    A later import may claim it again, unless it is blocked with `block`. `by` is who
    does it, if not the player. Raises `scores.locks.Busy`.
    """
    with change_of(score.user_id, settings.REVERT_WAIT_SECONDS):
        rows = Score.objects.filter(pk=score.pk)
        stored = rows.select_related("user", "chart__song").first()
        if stored is None:
            return False
        user, score_id = stored.user, stored.score_id
        if block:
            ScoreBlock.objects.get_or_create(
                user=user,
                score_id=score_id,
                defaults={"score": plain(score_documents(rows)[0])},
            )
        last = user.import_set.aggregate(last=Max("sequence"))["last"]
        ScoreDeletion.objects.update_or_create(
            user=user, score_id=score_id, defaults={"up_to_sequence": last}
        )
        touched = Touched(stored.user_id)
        touched.score(stored.gpt, stored.chart_id, stored.time_achieved)
        rows.delete()
        recalculate(touched)
        _log(by, Verb.DELETE_SCORE, stored, block=block)
    return True


def block(user_id: int, scores: Iterable[int], **made_by: Any) -> None:
    """Block stored scores (primary keys), as they are now; within the caller's change.

    One that is blocked already stays as it is.
    """
    for pks in chunks(scores):
        documents = map(plain, score_documents(Score.objects.filter(pk__in=pks)))
        blocks = [
            ScoreBlock(
                user_id=user_id,
                score_id=document["scoreID"],
                score=document,
                **made_by,
            )
            for document in documents
        ]
        ScoreBlock.objects.bulk_create(blocks, ignore_conflicts=True)


def unblock(block: ScoreBlock, by: Acting | None = None) -> bool:
    """Lift a block: a later import may bring the score; False if it is gone already.

    `by` is who does it, if not the player. Raises Busy.
    """
    with change_of(block.user_id, settings.REVERT_WAIT_SECONDS):
        lifted, _ = ScoreBlock.objects.filter(pk=block.pk).delete()
        if lifted:
            _log(by, Verb.LIFT_BLOCK, block)
    return bool(lifted)


def _log(
    by: Acting | None, verb: Verb, score: Score | ScoreBlock, **details: Any
) -> None:
    """Log what somebody did to another's score."""
    if by and not is_own(by, score.user_id):
        text = score.gpt if isinstance(score, Score) else "blocked score"
        subject = (Subject.SCORE, score.score_id, text, score.user)
        record(by, Act(verb, *subject, details=details))
