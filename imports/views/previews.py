"""What reverting or restoring an import would do: tried out, and undone again."""

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.models import Import, Revert, State
from imports.undo.preview import (
    Preview,
    preview_restores,
    preview_reverts,
    require_few_enough,
)
from imports.undo.retention import NotRestorable, require_restorable
from imports.views.control import OfAnyState
from tachi.accounts.authentication import user_of
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.throttles import Normal, TriedOut
from tachi.api.trying import trying

TOO_LONG = "other changes of the user's scores take too long"
DONE = "Nothing is changed."


class ImportPreviewViewSet(OfAnyState):
    """Previews of what may be done with an import, for those who may do it."""

    permission_classes = [IsOwnerOrAdmin, TokenMay(Permission.DELETE_SCORE)]
    throttle_classes = [Normal, TriedOut]
    #: It is tried out in a transaction that writes, and sees what is there just now.
    of_one_moment = False

    @action(detail=True, url_path="revert/preview")
    @answers(
        Preview,
        tag="imports",
        name="import_revert_preview",
        refuses={
            409: "It is not completed, or has more scores than a request tries out;"
            f" with Retry-After: {TOO_LONG}."
        },
    )
    def revert_preview(self, request: Request, import_id: str) -> JSONResponse:
        """What reverting this import would do just now.

        It is reverted and that is undone again: nothing is changed. The `fingerprint`
        can be sent with the revert, which is refused where something else would come
        of it by then.
        """
        import_ = self.get_object()
        require_few_enough([import_])
        with trying(user_of(request).pk):
            told = preview_reverts(import_.user_id, [import_])
        if not told["imports"]:
            raise _in_another_state(import_, State.COMPLETED)
        return success(f"Tried out reverting this import. {DONE}", told)

    @action(detail=True, url_path="restore/preview")
    @answers(
        Preview,
        tag="imports",
        name="import_restore_preview",
        refuses={
            409: "It is not reverted, or was too long ago, or has more scores than a"
            f" request tries out; with Retry-After: {TOO_LONG}."
        },
    )
    def restore_preview(self, request: Request, import_id: str) -> JSONResponse:
        """What restoring this import, which was reverted, would do just now.

        It is restored and that is undone again: nothing is changed.
        """
        import_ = self.get_object()
        revert = Revert.objects.filter(of_import=import_, restored_at=None)
        for each in revert.select_related("batch"):
            try:
                require_restorable(each)
            except NotRestorable as why:
                raise Refused(409, str(why)) from None
        require_few_enough([import_])
        with trying(user_of(request).pk):
            told = preview_restores(import_.user_id, [import_])
        if not told["imports"]:
            raise _in_another_state(import_, State.REVERTED)
        return success(f"Tried out restoring this import. {DONE}", told)


def _in_another_state(import_: Import, wanted: State) -> Refused:
    """It may have changed since it was found."""
    state = import_.state_now()
    return Refused(409, f"This import is not {wanted}: it is {state}.")
