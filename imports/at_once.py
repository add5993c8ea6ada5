"""At once: a small import in the request is accepted, read and written together.

Most imports are one play that a hook sends, and whose answer it waits for. Stored,
taken under a lease, fenced and updated, each would be written four times. Here one
transaction under the player's lock reads it and stores it completed. A process that is
killed before the answer has accepted nothing.

Whatever is not the usual case (it is refused, or its key was used, or something is
decided when it is accepted; its user has other imports that are not finished, or is
busy) is left to `imports.pipeline`: nothing was written.
"""

import logging

from django.db import Error

from imports import journal
from imports.formats.base import ImportRefused, Parsed
from imports.models import Import, ImportInput
from imports.once import Sent, to_store
from imports.progress import silent
from imports.queue import stops
from imports.quotas import NoRoom, require_room
from imports.read import ReadImport, match, parse
from imports.rules.refusals import IS_ANY_LIVE, as_stored, refusal_of
from imports.write import count_bytes, take_effect
from scores.copy_rows import insert_together, next_id
from scores.derived.change import WAITS, change_of
from scores.locks import Busy
from tachi.accounts.models import ApiToken, User

logger = logging.getLogger(__name__)

SMALL = 16 * 1024  # bytes that are sent


#: All that may stand against an import now, and its primary key and sequence: columns
#: of the statement that counts it (`imports.quotas`).
STANDING = f"""
    (SELECT auth_level FROM accounts_user WHERE id = %s),
    (SELECT is_active FROM accounts_user WHERE id = %s),
    (SELECT revoked_at FROM accounts_apitoken WHERE id = %s),
    EXISTS (SELECT 1 FROM imports_import
            WHERE user_id = %s AND state IN ('queued', 'running')),
    {WAITS},
    EXISTS (SELECT 1 FROM scores_scoreblock WHERE user_id = %s)
        OR EXISTS (SELECT 1 FROM scores_scoredeletion WHERE user_id = %s),
    (SELECT max(sequence) FROM imports_import WHERE user_id = %s),
    {IS_ANY_LIVE},
"""


class NotAtOnce(Exception):
    """It is not the usual case."""


NOT_THE_USUAL = (NotAtOnce, ImportRefused, NoRoom, Busy, Error)


def run_at_once(sent: Sent) -> Import | None:
    """Import what was sent; None, and nothing is changed, where it cannot be so."""
    if len(sent.payload) > SMALL or sent.decide:
        return None
    import_, stored = to_store(sent, counted=True)
    import_.started_at = import_.received_at
    try:
        with journal.at_once(import_, len(sent.payload)):
            parsed = parse(import_, silent)
            with change_of(sent.user.pk, rated=True):
                _store(import_, stored, parsed)
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


def _store(import_: Import, stored: ImportInput, parsed: Parsed) -> None:
    """Under the player's lock, so the charts stay. Raises one of NOT_THE_USUAL."""
    read = match(import_, parsed, None, silent)
    if read.told_of:  # a chart may have to be made first
        raise NotAtOnce
    has_refused = _stand(import_, stored, read)
    effect = take_effect(import_, read, has_refused=has_refused)
    rows = effect.rows_to_store(import_)
    insert_together(stored, rows, import_)
    count_bytes(import_, effect.orphans, rows)


def _stand(import_: Import, stored: ImportInput, read: ReadImport) -> bool:
    """Give the import its primary key and sequence, if it may be stored now.

    Returns whether its user has blocked or deleted any score. One statement, and one
    more where there are rules that stop a source.
    """
    user_id = import_.user_id
    columns = STANDING + next_id(Import)
    values = [user_id, user_id, import_.token_id, *[user_id] * 5, as_stored()]
    (
        auth_level,
        is_active,
        revoked_at,
        unfinished,
        waits,
        has_refused,
        last,
        ruled,
        pk,
    ) = require_room(import_, stored.size, columns, values)
    user = User(auth_level=auth_level, is_active=is_active)
    token = ApiToken(revoked_at=revoked_at) if import_.token_id else None
    # Who was deleted is not active; who waits to be rated again has to be so first.
    if unfinished or waits or stops.reason(user, token):
        raise NotAtOnce
    if ruled and refusal_of(import_, read.said):
        raise NotAtOnce
    import_.pk = stored.pk = pk
    import_.sequence = (last or 0) + 1
    return bool(has_refused)
