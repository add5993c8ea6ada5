"""What holds for every web request that changes scores."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from scores.locks import waiting_at_most


class WaitBriefly:
    """A request waits for other changes REQUEST_WAIT_SECONDS in all, then it is 409.

    Web processes are few: one that waits for a player's import answers nobody else.
    Whoever reverts, edits or deletes in the request need not know of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with waiting_at_most(settings.REQUEST_WAIT_SECONDS):
            return self.get_response(request)
