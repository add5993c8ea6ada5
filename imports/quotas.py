"""Quotas: how many unfinished imports a user may have, and how much may be added a day.

So no queue is endless, and no disk is full because of one user. Both are decided in the
transaction that accepts an import, in one statement.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from imports.models import DailyIntake, Import
from tachi.admin.formatting import count_of

HOOKS = "ir/"  # import types of game hooks and scripts begin so
RETRY_SECONDS = 30
DAY = timedelta(days=1)
MEGABYTE = 1024 * 1024

#: A user's unfinished imports: the first, and the last.
ENDS = """
    (SELECT id FROM imports_import
     WHERE state IN ('queued', 'running') AND user_id = %s ORDER BY id LIMIT 1),
    (SELECT id FROM imports_import
     WHERE state IN ('queued', 'running') AND user_id = %s ORDER BY id DESC LIMIT 1)
"""


class NoRoom(Exception):
    """What was sent is not accepted: its user has sent too much for now."""

    status = 429

    def __init__(self, text: str, retry_seconds: int = 0) -> None:
        self.text = text
        super().__init__(text)
        self.headers = {"Retry-After": retry_seconds} if retry_seconds else {}
        self.more: dict[str, Any] = {}
        if self.status == 429:
            self.more = {"status": 429, "message": "Too many requests."}


class TooManyUnfinished(NoRoom):
    """The user has as many unfinished imports as anybody may have."""

    def __init__(self, most: int) -> None:
        text = f"You have {most} imports that are not finished. Wait for some of them."
        super().__init__(text, RETRY_SECONDS)


class DayIsFull(NoRoom):
    """The user's imports have added as many bytes today as anybody's may."""

    def __init__(self, used: int, size: int, now: datetime) -> None:
        midnight = datetime.combine(now.date() + DAY, time(), now.tzinfo)
        wait = midnight - now
        hours = count_of(-(-wait.seconds // 3600), "hour") if wait < DAY else "a day"
        super().__init__(
            f"{megabytes(settings.MAX_BYTES_A_DAY)} of imports are kept for each user "
            f"a day (MAX_BYTES_A_DAY). Yours have used {megabytes(used)} today, and "
            f"this one takes {megabytes(size)}. There is room again from "
            f"{midnight:%Y-%m-%d %H:%M} UTC on, within {hours}.",
            int(wait.total_seconds()) + 1,
        )


class TooLarge(NoRoom):
    """What was sent alone is more than a user's imports may add on a day."""

    status = 413

    def __init__(self, size: int) -> None:
        super().__init__(
            f"This import takes {megabytes(size)}, compressed. No more than "
            f"{megabytes(settings.MAX_BYTES_A_DAY)} are kept for each user a day "
            "(MAX_BYTES_A_DAY), so it would never fit. Send it in parts."
        )


def megabytes(count: int) -> str:
    """A number of bytes, as in "2.5 MB"; the little that is less than that in kB."""
    if count < MEGABYTE / 10:
        return f"{count / 1024:.1f} kB"
    return f"{count / MEGABYTE:.1f} MB"


def require_room(
    import_: Import, size: int, also: str = "", parameters: Sequence[Any] = ()
) -> Sequence[Any]:
    """Count a new import of `size` bytes, in the transaction that stores it.

    Raises DayIsFull, TooLarge, and TooManyUnfinished. Until the transaction ends, the
    user's next import waits here: so however many are sent at once, no more come in.
    `also` are further columns, in SQL, of which the values are returned.
    """
    user_id, now = import_.user_id, import_.received_at
    most = settings.MAX_BYTES_A_DAY
    require_small_enough(size)
    columns = ", ".join(filter(None, (ENDS, also)))
    used, first, last, *found = DailyIntake.objects.add(
        user_id, now.date(), size, columns, [user_id, user_id, *parameters]
    )
    if used > most:
        raise DayIsFull(used - size, size, now)
    _require_few_unfinished(user_id, import_.import_type, first, last)
    return found


def require_small_enough(size: int) -> None:
    """Raise TooLarge for an import that would fit into no day; `size` is in bytes."""
    if size > settings.MAX_BYTES_A_DAY:
        raise TooLarge(size)


def _at_most(first: int | None, last: int | None) -> int:
    return 0 if first is None or last is None else last - first + 1


def _ends(user_id: int) -> tuple[int | None, int | None]:
    """The first and the last of a user's unfinished imports, as they are by now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENDS}", [user_id, user_id])
        first, last = cursor.fetchone()
        return first, last


def _require_few_unfinished(
    user_id: int, import_type: str, first: int | None, last: int | None
) -> None:
    """Raise TooManyUnfinished unless the user may have another import of that type.

    Hooks have a quota of their own: most repeat what was refused only when a server
    does not answer at all.
    """
    is_hook = import_type.startswith(HOOKS)
    most = settings.MAX_UNFINISHED_UPLOADS
    if is_hook:
        most = settings.MAX_UNFINISHED_FROM_HOOKS
    # There cannot be more of them than there are numbers from the first to the last.
    # Those that were accepted while this one waited for its turn are not among these,
    # but they are not as many as half of what is allowed: there are fewer web threads.
    if _at_most(first, last) < most / 2 or _at_most(*_ends(user_id)) < most:
        return
    unfinished = Import.objects.unfinished().filter(user=user_id)
    if is_hook:
        unfinished = unfinished.filter(import_type__startswith=HOOKS)
    else:
        unfinished = unfinished.exclude(import_type__startswith=HOOKS)
    if unfinished[:most].count() >= most:
        raise TooManyUnfinished(most)
