"""The endpoint for addresses that no other endpoint has."""

from rest_framework.decorators import api_view, schema
from rest_framework.request import Request

from tachi.api.envelope import Refused
from tachi.api.rendering import JSONResponse


@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@schema(None)
def not_found(request: Request) -> JSONResponse:
    """Refuse with 404, after the checks that every request goes through."""
    raise Refused(404)
