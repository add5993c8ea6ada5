"""What a player writes on scores and sessions: facts of their own, never lost."""

from typing import Any

from django.conf import settings

from scores.locks import only_change_of
from scores.models import Score, ScoreEdit, Session, SessionEdit
from scores.recalculate import Touched, recalculate


def edit_score(score: Score, **changes: Any) -> bool:
    """Set `comment` (None: none) or `highlight` of a score; False if it is gone.

    Raises Busy.
    """
    with only_change_of(score.user_id, settings.REVERT_WAIT_SECONDS):
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
    return True


def edit_session(session: Session, **changes: Any) -> bool:
    """Set `name`, `description` (None: none) or `highlight` of a session.

    The edit is kept by the session's anchor score and its time, so that it finds its
    session again after reverts and re-imports. False if the session is gone, or is
    part of another by now. Raises Busy.
    """
    with only_change_of(session.user_id, settings.REVERT_WAIT_SECONDS):
        anchor = Score.objects.filter(
            score_id=session.anchor, session__session_id=session.session_id
        ).first()
        if anchor is None:
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
