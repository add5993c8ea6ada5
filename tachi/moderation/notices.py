"""Telling a user something: one notification about one thing, which grows with it."""

from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from tachi.moderation.models import Notification, new_notif_id

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
