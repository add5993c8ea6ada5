"""A player's profile in a game, and wiping it."""

from django.conf import settings
from rest_framework.decorators import permission_classes
from rest_framework.request import Request

from imports.batches import run
from imports.batches.busy import Patience
from imports.batches.wipe import told, wipe
from scores.views.players import WholeProfileViewSet
from tachi.accounts.logins import require_password
from tachi.accounts.permissions import IsSelf
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.openapi.answers import Empty
from tachi.api.rendering import JSONResponse
from tachi.api.validation import that, validate

PASSWORD = {
    "!password": that(
        lambda word: isinstance(word, str),
        "Expected your password.",
        {"type": "string", "format": "password"},
    )
}


class PlayerWipeViewSet(WholeProfileViewSet):
    """A player's profile in a game, which he may wipe."""

    @permission_classes([IsSelf])
    @answers(
        Empty,
        sent=PASSWORD,
        tag="players",
        name="player_wipe",
        refuses={
            403: "It is not your profile, a token asks, or the password is wrong.",
            429: "Too many attempts with a password.",
        },
    )
    def destroy(self, request: Request, **address: str) -> JSONResponse:
        """Wipe your profile in this game: all your imports of it are reverted.

        By workers, as one batch: `GET /users/me/imports/reverted` has its `batchID`,
        and `POST /revert-batches/:id/restore` brings all of it back while it is kept.
        The classes that the imports provided go, too. An import that holds something of
        another playtype stays, and the description says so. Attempts count as logins.
        """
        stats = self.get_object()
        sent = validate(request.data, PASSWORD)
        require_password(request, stats.user, sent["!password"])
        wiped = wipe(stats.user, stats.gpt)
        if wiped.batch is not None and settings.IMPORT_INLINE:
            run.run_to_end(wiped.batch, Patience().look)
        return success(told(wiped), {})
