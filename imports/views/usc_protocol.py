"""How USC-IR answers: HTTP 200, and its own status in a body of its own form.

What comes before the protocol keeps HTTP's statuses and the usual envelope: a server
that does not offer it, a wrong playtype, a missing permission, too many requests.
"""

import logging
from typing import Any

from django.db import DatabaseError
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from imports.formats import usc
from imports.rules.refusals import RefusedByRule
from imports.views.hooks import HookViewSet, require_offered
from scores.games import PLAYTYPES
from tachi.accounts.authentication import sent_token
from tachi.accounts.models import ApiToken, User
from tachi.api.envelope import Refused, refusal
from tachi.api.rendering import JSONResponse

logger = logging.getLogger(__name__)

SUCCESS, ACCEPTED = 20, 22
BAD_REQUEST, UNKNOWN_TOKEN, REFUSED, FORBIDDEN, NOT_FOUND = 40, 41, 42, 43, 44
SERVER_ERROR = 50
#: HTTP's statuses of what comes before the protocol.
BEFORE = {403, 404, 429}
INTERNAL_ERROR = "An internal server error has occured."


class UscRefused(Exception):
    """Ends the request with a status of the protocol."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class OutOfProtocol(Refused):
    """Ends the request with a status of HTTP, in the usual envelope."""


def answer(description: str, body: Any, code: int = SUCCESS) -> JSONResponse:
    """What the game reads of a success, always with a body."""
    return JSONResponse({"statusCode": code, "description": description, "body": body})


class UscToken(BaseAuthentication):
    """A token, which is all that the game sends; a session does not count."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken]:
        """The user and the token. Raises UscRefused."""
        header = request.headers.get("Authorization", "")
        words = header.split(" ")
        if len(words) != 2 or words[0] != "Bearer":
            raise UscRefused(BAD_REQUEST, "Expected an Authorization: Bearer TOKEN.")
        try:
            token = sent_token(header)
        except Refused as refused:
            raise UscRefused(UNKNOWN_TOKEN, refused.text) from None
        assert token is not None  # the header is not empty
        if token.user.is_banned or not token.user.is_active:
            raise UscRefused(FORBIDDEN, "You are banned.")
        return token.user, token


class UscViewSet(HookViewSet):
    """The base of the protocol's addresses: `usc/<playtype>/…`."""

    import_type = usc.IMPORT_TYPE
    authentication_classes = [UscToken]
    permission_classes = []
    tokens_only = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_offered(self.import_type)
        if kwargs["playtype"] not in PLAYTYPES["usc"]:
            expected = " or ".join(PLAYTYPES["usc"])
            raise OutOfProtocol(400, f"Invalid playtype: expected {expected}.")
        super().initial(request, *args, **kwargs)

    def handle_exception(self, error: Exception) -> Any:
        """Refusals in the form of the protocol, but for what comes before it."""
        if isinstance(error, UscRefused):
            return _refused(error.code, error.text)
        if isinstance(error, RefusedByRule):
            return _refused(*refusal_in_protocol(error.status, error.text))
        refused = refusal(error)
        if isinstance(error, OutOfProtocol):
            return refused
        if refused is None:
            logger.error("A request of USC-IR failed.", exc_info=error)
            return _refused(SERVER_ERROR, INTERNAL_ERROR)
        if refused.status_code in BEFORE:
            return refused
        is_ours = refused.status_code in (409, 503) or isinstance(error, DatabaseError)
        text = getattr(error, "text", "") or INTERNAL_ERROR
        return _refused(SERVER_ERROR if is_ours else BAD_REQUEST, text)


def refusal_in_protocol(status: int, text: str) -> tuple[int, str]:
    """What the game is told of an import that failed, with HTTP's status and a text.

    403 is by a rule that stops its source: the player is known, and may not.
    """
    if status == 403:
        return FORBIDDEN, text
    return SERVER_ERROR if status >= 500 else BAD_REQUEST, text


def _refused(code: int, text: str) -> JSONResponse:
    return JSONResponse({"statusCode": code, "description": text})
