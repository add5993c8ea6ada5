"""What holds for every answer to a game hook, whichever view gives it, or none."""

import re
from collections.abc import Callable

import orjson
from django.http import HttpRequest, HttpResponse

#: Hooks that read why they were refused under `error`, not `description`.
UNDER = re.compile(r"/ir/(fervidex|kshook)(/|$)", re.IGNORECASE)


class ErrorKey:
    """A failure tells those hooks its description under `error`, too.

    So do those that no view answers: a body that is no JSON, too many requests, a bug.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        failed = response.status_code >= 400 and response.content
        if failed and UNDER.match(request.path_info):
            answer = orjson.loads(response.content)
            answer["error"] = answer["description"]
            response.content = orjson.dumps(answer)
            response["Content-Length"] = str(len(response.content))
        return response
