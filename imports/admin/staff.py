"""Imports of staff, which need an administrator, as in batches."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest

from imports.batches.refusals import NotAllowed
from imports.batches.rights import require_right
from imports.models import Import, Origin, RequestedBy
from tachi.accounts.authentication import user_of
from tachi.admin.read_only import ReadOnlyAdmin


def is_allowed(
    model_admin: ReadOnlyAdmin, request: HttpRequest, imports: Iterable[Import]
) -> bool:
    """Whether who asks may undo these; a message where not."""
    by = RequestedBy(user_of(request), Origin.ADMIN)
    try:
        require_right(by, {each.user_id for each in imports})
    except NotAllowed as refused:
        model_admin.message_user(request, str(refused), messages.ERROR)
        return False
    return True
