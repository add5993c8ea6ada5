"""The buttons on the page of an import: those of which the verbs will not refuse."""

from typing import NamedTuple

from django.http import HttpRequest

from imports.batches.refusals import NotAllowed
from imports.batches.rights import require_right
from imports.models import Import, Origin, RequestedBy
from imports.possible import possible
from tachi.accounts.authentication import user_of

#: By verb: the action of the list, what the button says, the permission, and whether it
#: needs an administrator where the player is of the staff.
BUTTONS = {
    "revert": ("revert", "Revert…", "imports.revert_import", True),
    "run again": ("run_again", "Run again…", "imports.revert_import", True),
    "restore": ("restore", "Restore…", "imports.restore_import", True),
    "cancel": ("cancel", "Cancel…", "imports.cancel_import", False),
    "retry": ("retry", "Retry…", "imports.cancel_import", False),
}


class Button(NamedTuple):
    """An action of the list of imports, for this one."""

    action: str
    label: str


class Buttons(NamedTuple):
    """What may be done here, and why something may not, if somebody else could."""

    buttons: list[Button]
    why_not: str = ""


def buttons(request: HttpRequest, import_: Import) -> Buttons:
    """The buttons for who asks."""
    verbs = possible(import_)
    may = [
        BUTTONS[verb]
        for verb in BUTTONS
        if verb in verbs and request.user.has_perm(BUTTONS[verb][2])
    ]
    why_not = _why_not(request, import_) if any(each[3] for each in may) else ""
    return Buttons(
        [Button(*each[:2]) for each in may if not (each[3] and why_not)], why_not
    )


def _why_not(request: HttpRequest, import_: Import) -> str:
    by = RequestedBy(user_of(request), Origin.ADMIN)
    try:
        require_right(by, {import_.user_id})
    except NotAllowed as refused:
        return str(refused)
    return ""
