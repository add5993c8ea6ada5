"""Telling a user something: one notification about one thing, which grows with it."""

from datetime import timedelta
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from tachi.moderation.models import Notification, new_notif_id

#: What came while somebody asked for all of them he has not seen.
JUST_SENT = timedelta(seconds=2)
TOLD = f"""
    INSERT INTO {Notification._meta.db_table} AS told
        (user_id, notif_id, kind, about, content, imports, scores, sent_at, read)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, false)
    ON CONFLICT (user_id, kind, about) DO UPDATE SET
        imports = told.imports + excluded.imports,
        scores = told.scores + excluded.scores,
        sent_at = excluded.sent_at,
        read = false
"""


def notify(
    user_id: int,
    kind: Notification.Kind,
    about: str,
    content: dict[str, Any],
    *,
    imports: int = 1,
    scores: int = 0,
) -> None:
    """Tell a user that this was done to so many more imports; one statement.

    In the transaction of what it tells of. Where a notification of that kind is about
    the same thing, that one counts on, is new and unread again, and keeps its content.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    said = orjson.dumps(content).decode()
    row: list[Any] = [
        user_id,
        new_notif_id(),
        kind.value,
        about,
        said,
        imports,
        scores,
        now,
    ]
    with connection.cursor() as cursor:
        cursor.execute(TOLD, row)


def mark_read(user_id: int, notif_id: str) -> bool:
    """Mark one notification of a user as read; False where he has none of that id."""
    found = Notification.objects.filter(user=user_id, notif_id=notif_id)
    return found.update(read=True) > 0


def mark_all_read(user_id: int) -> None:
    """Mark all as read but for those that he cannot have seen yet."""
    _seen(user_id).update(read=True)


def delete_all(user_id: int) -> None:
    """Delete all but for those that he cannot have seen yet."""
    _seen(user_id).delete()


def _seen(user_id: int) -> QuerySet[Notification]:
    before = timezone.now() - JUST_SENT
    return Notification.objects.filter(user=user_id, sent_at__lt=before)
