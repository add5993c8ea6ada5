"""The envelope of every response: `{success, description}`, and `body` on success.

`success` and `description` are in each response of each status: clients read them
without looking, and several break where one is missing. Views, permissions and parsers
raise `Refused`; the domain raises exceptions of its own with a `status` and a `text`.
"""

import logging
from http import HTTPStatus
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework.exceptions import APIException, NotAuthenticated

from tachi.api.rendering import JSONResponse
from tachi.database import NOT_SET_UP, lacks_something, lost_what_it_refers_to

logger = logging.getLogger(__name__)

TRY_AGAIN = {"Retry-After": "5"}  # seconds
#: What a failure says that brings no description of its own.
DEFAULT_DESCRIPTIONS = {
    401: "You are not authorised as anyone, and this endpoint requires us to know who "
    "you are.",
    404: "Endpoint Not Found.",
    413: "Your request body was too large. The limit is 4MB.",
    500: "An internal server error has occured.",
    503: "The database cannot be reached just now. Try again in a few seconds.",
}


class Problem(TypedDict):
    """One thing that is wrong with a document that is refused."""

    path: Annotated[str, "Like `scores[3].lamp`; empty for the whole."]
    message: str


class Failure(TypedDict):
    """What a request is told that was refused; the status says what kind it is."""

    success: Literal[False]
    description: str
    error: NotRequired[Annotated[str, "As `description`, for hooks that read this."]]
    errors: NotRequired[
        Annotated[list[Problem], "What is wrong with a document, at most 100."]
    ]


class Refused(APIException):
    """Ends the request with this status and description.

    `more` are keys beside `success` and `description`.
    """

    def __init__(
        self,
        status: int,
        text: str = "",
        /,
        headers: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(text)
        self.status = self.status_code = status
        self.text = text
        self.headers = headers
        self.more = more


def success(
    description: str,
    body: Any,
    status: int = 200,
    headers: dict[str, Any] | None = None,
) -> JSONResponse:
    """The response to a request that was granted; an empty body is `{}`."""
    envelope = {"success": True, "description": description, "body": body}
    return JSONResponse(envelope, status, headers)


def failure(
    status: int,
    description: str = "",
    /,
    headers: dict[str, Any] | None = None,
    **more: Any,
) -> JSONResponse:
    """The response to a request that was refused.

    An empty description takes the default of that status; `more` are further keys.
    """
    text = description or DEFAULT_DESCRIPTIONS.get(status)
    text = text or f"{HTTPStatus(status).phrase}."
    return JSONResponse(
        {"success": False, "description": text, **more}, status, headers
    )


def refusal(error: Exception) -> JSONResponse | None:
    """The response that an exception stands for; None where it is a bug.

    Any exception with a `status` and a `text` is a refusal, so that the domain can
    refuse without knowing of HTTP views or of this module.
    """
    status, text = getattr(error, "status", None), getattr(error, "text", None)
    if isinstance(status, int) and isinstance(text, str):
        more = getattr(error, "more", {})
        return failure(status, text, headers=getattr(error, "headers", None), **more)
    if isinstance(error, Http404):
        return failure(404, "Not Found.")
    if isinstance(error, PermissionDenied):
        return failure(403)
    if isinstance(error, APIException):
        return framework_refusal(error)
    return trouble_of_database(error)


def trouble_of_database(error: Exception) -> JSONResponse | None:
    """The response where nobody did anything wrong; None where it is a bug."""
    if lacks_something(error):
        logger.error("The database is not as this site expects it: %s", error)
        return failure(503, NOT_SET_UP, headers=TRY_AGAIN)
    if lost_what_it_refers_to(error):
        logger.warning("Something was deleted meanwhile: %s", error)
        return failure(409, "What this is about was deleted meanwhile.")
    if isinstance(error, OperationalError | InterfaceError):
        # Not as an error: Django logs the answer as one.
        logger.warning("The database had trouble: %s", error)
        return failure(503, headers=TRY_AGAIN)
    return None


def framework_refusal(error: APIException) -> JSONResponse:
    """REST framework's own exceptions, in the contract's statuses."""
    if isinstance(error, NotAuthenticated):
        # REST framework has made it a 403, as we send no WWW-Authenticate header.
        return failure(401)
    if error.status_code == 405:
        return failure(404)  # a wrong method is an unknown endpoint
    status = 400 if error.status_code == 415 else error.status_code
    return failure(status, str(error.detail))


def exception_handler(error: Exception, context: dict[str, Any]) -> JSONResponse | None:
    """REST framework's hook: what is not a refusal is a bug, and goes on as one."""
    return refusal(error)
