"""The endpoints that know no domain."""

import time

from django.conf import settings
from rest_framework.decorators import api_view
from rest_framework.request import Request

from tachi.api.envelope import Refused, success
from tachi.api.permissions import permissions_of
from tachi.api.validation import as_object

STARTED_AT = int(time.time() * 1000)


@api_view(["GET", "POST"])
def status(request: Request):
    """Is the server there, and who am I to it? Most game hooks ask when they start."""
    sent = request.query_params if request.method == "GET" else request.data
    echo = as_object(sent).get("echo")
    body = {
        "serverTime": int(time.time() * 1000),
        "startTime": STARTED_AT,
        "version": f"v{settings.VERSION} [null]",
        "whoami": request.user.pk,
        "permissions": permissions_of(request),
    }
    if isinstance(echo, str):
        body["echo"] = echo
    return success("Status check successful.", body)


@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def not_found(request: Request):
    """Whatever is not in the URL map, under the API's prefixes."""
    raise Refused(404)
