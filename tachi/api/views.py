"""The endpoint for addresses that no other endpoint has."""

from rest_framework.decorators import api_view
from rest_framework.request import Request

from tachi.api.envelope import Refused


@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def not_found(request: Request):
    """Whatever is not in the URL map, under the API's prefixes."""
    raise Refused(404)
