"""A player drafts a batch of his own imports: by filters, or one by one.

Nobody else's can be among them, and of nobody else's is told whether they exist.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from imports.batches.draft import Options, draft
from imports.batches.refusals import NotDraftable
from imports.filters import BadFilter
from imports.models import Import, RequestedBy, RevertBatch
from scores.copy_rows import chunks
from tachi.accounts.models import PREFIX_LENGTH, User

NO_FILTER = "Say which: all of your imports together make no batch."


def draft_own(
    user: User,
    requested_by: RequestedBy,
    *,
    filters: Mapping[str, Any] | None = None,
    import_ids: Sequence[str] | None = None,
    **options: Unpack[Options],
) -> RevertBatch:
    """A draft as `imports.batches.draft` makes it, of this user's imports only.

    Raises NotDraftable where none of his is selected, or nothing narrows them down, and
    `imports.filters.BadFilter`, also for a token of somebody else.
    """
    if import_ids is not None:
        _require_own(user, import_ids)
        return draft(requested_by, import_ids=import_ids, **options)
    if not filters:
        raise NotDraftable(NO_FILTER)
    _require_own_tokens(user, filters.get("token"))
    own = {**filters, "user": user.username}
    return draft(requested_by, filters=own, **options)


def _require_own(user: User, import_ids: Sequence[str]) -> None:
    """As if there were no imports of others."""
    own: set[str] = set()
    for some in chunks(list(dict.fromkeys(import_ids))):
        found = Import.objects.filter(user=user, import_id__in=some)
        own.update(found.values_list("import_id", flat=True))
    if unknown := [each for each in import_ids if each not in own]:
        raise NotDraftable(f"You have no import {unknown[0]}.")


def _require_own_tokens(user: User, named: str | Sequence[str] | None) -> None:
    if not named:
        return
    for each in [named] if isinstance(named, str) else named:
        prefix = each[:PREFIX_LENGTH]
        if not user.tokens.filter(prefix__startswith=prefix).exists():
            text = f"You have no API token that begins with {prefix!r}."
            raise BadFilter("token", text)
