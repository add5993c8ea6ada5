"""Acts on imports, for the moderation log."""

from collections.abc import Iterable
from typing import Any

from imports.models import Import, RequestedBy
from tachi.moderation.log import Act, Subject, Verb, is_own, record_each


def act_on(import_: Import, verb: Verb, **details: Any) -> Act:
    """An act on an import, in words: "file/batch-manual (sdvx)"."""
    of = f" ({import_.game})" if import_.game else ""
    return Act(
        verb,
        Subject.IMPORT,
        import_.import_id,
        f"{import_.import_type}{of}",
        import_.user,
        details={name: value for name, value in details.items() if value is not None},
    )


def log_acts(requested_by: RequestedBy, acts: Iterable[Act]) -> None:
    """Log acts on imports, in the transaction of what is done, in a few statements.

    Of what somebody does to his own only reverts and restores are logged: what counts
    has changed by them. An import says by itself that it was cancelled, and runs again.
    """
    acting = requested_by.acting
    of_own = (Verb.REVERT, Verb.RESTORE)
    record_each(
        acting,
        [
            act
            for act in acts
            if act.verb in of_own or not (act.player and is_own(acting, act.player.pk))
        ],
    )
