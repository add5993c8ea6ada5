"""A user's state as recordings have it, taken from what is kept here."""

from collections.abc import Mapping

from imports.documents import failed_import_documents
from imports.management.commands.export_user import export
from imports.models import Import, Orphan
from scores.documents import plain
from scores.models import ScoreBlock
from tachi.accounts.models import User

NOT_KEPT = {
    "class-achievements": "follow from the class deltas of imports",
    "game-settings": "settings are not kept here",
    "import-locks": "nothing sticks: there are no locks to look at (section 1 and 3)",
    "locks": "nothing sticks: there are no locks to look at (section 1 and 3)",
    "notifications": "notifications are not kept here",
    "goal-subs": "goals are not kept here",
    "quest-subs": "quests are not kept here",
}


def state_of(user_id: int) -> dict:
    """What is kept of a user, by the names that recordings have for it."""
    user = User.objects.get(pk=user_id)
    exported = {
        key: plain(value if isinstance(value, Mapping) else list(value))
        for key, value in export(user)
    }
    failed = Import.objects.failed().filter(user=user).order_by("received_at", "pk")
    trackers = failed_import_documents(failed)
    return {
        "userID": user_id,
        "scores": exported["scores"],
        "scoreTimes": {
            score["scoreID"]: score["timeAchieved"] for score in exported["scores"]
        },
        "personal-bests": exported["personalBests"],
        "sessions": exported["sessions"],
        "game-stats": exported["gameStats"],
        "imports": exported["imports"],
        "import-trackers": trackers,
        "trackers": trackers,
        "orphan-scores": _orphans(user),
        "score-blacklist": _blocks(user),
    }


def _orphans(user: User) -> list[dict]:
    """Each orphan once, though several imports may have it."""
    rows = Orphan.objects.filter(user=user).select_related("source_import")
    return list(
        {
            row.orphan_id: {
                "orphanID": row.orphan_id,
                "userID": user.pk,
                "importType": row.source_import.import_type,
                "game": row.game,
                "data": row.data,
                "context": row.source_import.context,
                "errMsg": row.message,
                "timeInserted": row.time_inserted,
            }
            for row in rows
        }.values()
    )


def _blocks(user: User) -> list[dict]:
    return [
        {"userID": user.pk, "scoreID": block.score_id, "score": block.score}
        for block in ScoreBlock.objects.filter(user=user)
    ]
