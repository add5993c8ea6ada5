"""At once: a small import in the request is accepted, read and written together.

Most imports are one play that a hook sends, and whose answer it waits for. Stored,
taken under a lease, fenced and updated, each would be written four times. Here it is
read first, of which nothing is stored, and one transaction under the player's lock
stores it completed. A process that is killed before the answer has accepted nothing.

Whatever is not the usual case (it is refused, or its key was used, or something is
decided when it is accepted; its user has other imports that are not finished, or is
busy) is left to `imports.pipeline`: nothing was written.
"""

import logging
from datetime import UTC, datetime

from django.db import Error, connection

from imports import journal
from imports.formats.base import ImportRefused
from imports.models import Import, ImportInput
from imports.once import Sent, to_store
from imports.progress import silent
from imports.queue import stops
from imports.quotas import NoRoom, require_room
from imports.read import ReadImport, read
from imports.write import ChartsChanged, count_bytes, take_effect
from scores.copy_rows import allocate_ids
from scores.derived.change import change_of
from scores.locks import Busy
from tachi.accounts.models import ApiToken, User

logger = logging.getLogger(__name__)

SMALL = 16 * 1024  # bytes that are sent


BEFORE_ALL = datetime.min.replace(year=1900, tzinfo=UTC)
#: All that may stand against storing an import now, and its user's last sequence.
STANDING = """
    SELECT auth_level, is_active,
        (SELECT revoked_at FROM accounts_apitoken WHERE id = %s),
        EXISTS (SELECT 1 FROM imports_import
                WHERE user_id = who.id AND state IN ('queued', 'running')),
        EXISTS (SELECT 1 FROM scores_chart WHERE game = %s AND changed_at > %s),
        (SELECT max(sequence) FROM imports_import WHERE user_id = who.id)
    FROM accounts_user AS who WHERE id = %s
"""


class NotAtOnce(Exception):
    """It is not the usual case."""


NOT_THE_USUAL = (NotAtOnce, ImportRefused, NoRoom, ChartsChanged, Busy, Error)


def run_at_once(sent: Sent) -> Import | None:
    """Import what was sent; None, and nothing is changed, where it cannot be so."""
    if len(sent.payload) > SMALL or sent.decide:
        return None
    import_, stored = to_store(sent, counted=True)
    import_.started_at = import_.received_at
    try:
        with journal.at_once(import_, len(sent.payload)):
            read_import = read(import_, silent)
            if read_import.told_of:  # a chart may have to be made first
                raise NotAtOnce
            with change_of(sent.user.pk):
                _store(import_, stored, read_import)
    except NOT_THE_USUAL:
        return import_ if _is_stored(import_) else None
    except Exception:
        logger.exception("An import could not be written at once.")
        return import_ if _is_stored(import_) else None
    return import_


def _is_stored(import_: Import) -> bool:
    """Whether it was committed, and what failed came after that."""
    stored = Import.objects.filter(import_id=import_.import_id)
    return bool(import_.pk) and stored.exists()


def _store(import_: Import, stored: ImportInput, read_import: ReadImport) -> None:
    """Under the player's lock. Raises one of NOT_THE_USUAL."""
    import_.sequence = _next_sequence(import_, read_import)
    require_room(import_, stored.size)
    [import_.pk] = allocate_ids(Import, 1)
    orphans = take_effect(import_, read_import)
    import_.save(force_insert=True)
    stored.save(force_insert=True)
    count_bytes(import_, orphans)


def _next_sequence(import_: Import, read_import: ReadImport) -> int:
    """The sequence of a new import, if it may be stored now; one statement."""
    version = read_import.charts_version
    known = connection.ops.adapt_datetimefield_value(version or BEFORE_ALL)
    game = read_import.parsed.game
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [import_.token_id, game, known, import_.user_id])
        row = cursor.fetchone()
    if row is None:  # the user was deleted
        raise NotAtOnce
    auth_level, is_active, revoked_at, unfinished, charts_changed, last = row
    user = User(auth_level=auth_level, is_active=is_active)
    token = ApiToken(revoked_at=revoked_at) if import_.token_id else None
    if unfinished or stops.reason(user, token):
        raise NotAtOnce
    if charts_changed:
        raise ChartsChanged
    return (last or 0) + 1
