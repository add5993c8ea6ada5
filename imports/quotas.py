"""Quotas: how many unfinished imports a user may have, so that no queue is endless."""

from typing import Any

from django.conf import settings
from django.db import connection

from imports.models import Import
from tachi.accounts.models import User

HOOKS = "ir/"  # import types of game hooks and scripts begin so
RETRY_SECONDS = 30

#: A user's unfinished imports: the first, and the last.
ENDS = """
    SELECT
        (SELECT min(id) FROM imports_import
         WHERE state IN ('queued', 'running') AND user_id = %s),
        (SELECT max(id) FROM imports_import
         WHERE state IN ('queued', 'running') AND user_id = %s)
"""


class TooManyUnfinished(Exception):
    """The user has as many unfinished imports as anybody may have."""

    status = 429

    def __init__(self, most: int) -> None:
        self.text = (
            f"You have {most} imports that are not finished. Wait for some of them."
        )
        super().__init__(self.text)
        self.headers = {"Retry-After": RETRY_SECONDS}
        self.more: dict[str, Any] = {
            "status": self.status,
            "message": "Too many requests.",
        }


def require_room(user: User, import_type: str) -> None:
    """Raise TooManyUnfinished unless the user may send another import of that type.

    Hooks have a quota of their own: most repeat what was refused only when a server
    does not answer at all.
    """
    unfinished = Import.objects.unfinished().filter(user=user)
    if import_type.startswith(HOOKS):
        most = settings.MAX_UNFINISHED_FROM_HOOKS
        unfinished = unfinished.filter(import_type__startswith=HOOKS)
    else:
        most = settings.MAX_UNFINISHED_UPLOADS
        unfinished = unfinished.exclude(import_type__startswith=HOOKS)
    # There cannot be more of them than there are numbers from the first to the last.
    # Only when there may be too many are they counted, and no further than that.
    if _span(user.pk) >= most and unfinished[:most].count() >= most:
        raise TooManyUnfinished(most)


def _span(user_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ENDS, [user_id, user_id])
        first, last = cursor.fetchone()
    return 0 if first is None else last - first + 1
