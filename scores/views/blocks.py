"""A user's blocks: scores that are kept from being imported again."""

from rest_framework.decorators import action
from rest_framework.request import Request

from scores.documents.blocks import BlockDocument, block_documents
from scores.edits import unblock
from scores.models import ScoreBlock
from tachi.accounts.authentication import asking
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.accounts.users import UserResourceViewSet, get_user
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.paging import LINK, PAGING, Order, page
from tachi.api.rendering import JSONResponse

NEWEST = Order(("-created_at", "-pk"))
LONGEST = 500


class UserBlockViewSet(UserResourceViewSet):
    """A user's blocks, for their owner."""

    permission_classes = [IsOwnerOrAdmin]
    not_found_text = "This score is not blocked."

    @action(detail=False)
    @answers(
        list[BlockDocument],
        query=PAGING,
        response_headers={"Link": LINK},
        tag="scores",
        name="user_blocks",
    )
    def blocks(self, request: Request, user: str) -> JSONResponse:
        """The last 500 scores that the user has blocked, newest first."""
        owned = ScoreBlock.objects.filter(user=self.get_user())
        found = page(request, owned, NEWEST, LONGEST)
        blocks = block_documents(found.rows)
        text = f"Found {len(blocks)} blocks."
        return success(text, blocks, headers=found.headers)

    @action(
        detail=False,
        methods=["delete"],
        url_path="blocks/<score_id>",
        permission_classes=[IsOwnerOrAdmin, TokenMay(Permission.DELETE_SCORE)],
    )
    @answers(
        Empty,
        tag="scores",
        name="block_lift",
        refuses={409: "Other changes of the user's scores take too long."},
    )
    def lift(self, request: Request, user: str, score_id: str) -> JSONResponse:
        """Lift a block: an import that is sent from now on may bring the score."""
        whose = get_user(request, user)
        block = ScoreBlock.objects.filter(user=whose, score_id=score_id).first()
        if block is None:
            raise self.not_found()
        self.check_object_permissions(request, block)
        if not unblock(block, asking(request)):
            raise self.not_found()
        return success("Lifted the block.", {})
