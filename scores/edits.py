"""What a player writes on scores and sessions: facts of their own, never lost."""

from typing import Any

from django.conf import settings

from scores.locks import only_change_of
from scores.models import Score, ScoreEdit, Session, SessionEdit
from scores.recalculate import Touched, recalculate


def edit_score(score: Score, **changes: Any) -> None:
    """Set `comment` (None: none) or `highlight` of a score. Raises Busy."""
    with only_change_of(score.user_id, settings.REVERT_WAIT_SECONDS):
        if "comment" in changes:
            changes["has_comment"] = True
        ScoreEdit.objects.update_or_create(
            user_id=score.user_id, score_id=score.score_id, defaults=changes
        )
        if "highlight" in changes:
            touched = Touched(score.user_id)
            touched.score(score.gpt, score.chart_id, None)
            recalculate(touched)


def edit_session(session: Session, **changes: Any) -> None:
    """Set `name`, `description` (None: none) or `highlight` of a session. Raises Busy.

    The edit is kept by the session's anchor score and its time, so that it finds its
    session again after reverts and re-imports.
    """
    with only_change_of(session.user_id, settings.REVERT_WAIT_SECONDS):
        if "description" in changes:
            changes["has_description"] = True
        anchor = Score.objects.get(score_id=session.anchor)
        SessionEdit.objects.update_or_create(
            user_id=session.user_id,
            gpt=session.gpt,
            anchor=session.anchor,
            defaults={"anchor_time": anchor.time_achieved, **changes},
        )
