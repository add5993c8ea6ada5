"""What every answer of the API looks like.

`success` and `description` are in each answer of each status: clients read them
without looking, and several break where one is missing.
"""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import APIException

from tachi.api.rendering import JSONAnswer

NOT_FOUND = "Endpoint Not Found."
SAYINGS = {
    404: NOT_FOUND,
    413: "Your request body was too large. The limit is 4MB.",
    500: "An internal server error has occured.",
}


class Refused(APIException):
    """The request ends here, with this status and this sentence."""

    def __init__(
        self, status: int, text: str = "", /, headers: dict | None = None, **more: Any
    ):
        super().__init__(text)
        self.status = self.status_code = status
        self.text = text
        self.headers = headers
        self.more = more


def success(
    description: str, body: Any, status: int = 200, headers: dict | None = None
) -> JSONAnswer:
    """The answer to a request that was granted; a body with nothing to say is `{}`."""
    envelope = {"success": True, "description": description, "body": body}
    return JSONAnswer(envelope, status, headers)


def failure(
    status: int, description: str = "", /, headers: dict | None = None, **more: Any
) -> JSONAnswer:
    """The answer to a request that was not granted.

    An empty description takes the usual one of that status; `more` are further keys.
    """
    text = description or SAYINGS.get(status) or f"{HTTPStatus(status).phrase}."
    return JSONAnswer({"success": False, "description": text, **more}, status, headers)


def refusal(error: Exception) -> JSONAnswer | None:
    """The answer that an exception stands for; None where it is a bug.

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
        return of_framework(error)
    return None


def of_framework(error: APIException) -> JSONAnswer:
    """REST framework's own refusals; a wrong method is an unknown endpoint."""
    if error.status_code == 405:
        return failure(404)
    status = 400 if error.status_code == 415 else error.status_code
    return failure(status, str(error.detail))


def exception_handler(error: Exception, context: dict) -> JSONAnswer | None:
    """REST framework's hook: what is not a refusal is a bug, and goes on as one."""
    return refusal(error)
