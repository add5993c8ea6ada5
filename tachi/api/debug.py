"""DEBUG is for a machine that only its owner reaches: warns when others can."""

import logging
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from tachi.api.addresses import is_loopback

logger = logging.getLogger(__name__)

FRAME = "!" * 79
WARNING = (
    f"\n{FRAME}\n"
    "DEBUG is on, and others can reach this server: %s.\n"
    "They see tracebacks with settings and data, anybody who has read the source can\n"
    "forge sessions, and passwords go unencrypted. For anything but a try in your own\n"
    "network: DEBUG=off SECRET_KEY=… ALLOWED_HOSTS=… (docs/operating.md).\n"
    f"{FRAME}"
)


def warning_of(addresses: Iterable[object]) -> str:
    """What to warn of a server that listens there; empty where that is fine.

    An address is a pair of host and port, or the path of a unix socket.
    """
    public = [
        f"it listens on {each[0]}"
        for each in addresses
        if isinstance(each, tuple) and not is_loopback(str(each[0]))
    ]
    return WARNING % ", ".join(public) if settings.DEBUG and public else ""


class WarnOfDebug:
    """Warns in the log, once, of a request that comes from elsewhere, or goes to a
    name that is not this machine's, as one does that comes through a proxy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.warned = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.warned and (how := how_public(request)):
            self.warned = True
            logger.critical(WARNING, how)
        return self.get_response(request)


def how_public(request: HttpRequest) -> str:
    """How the request shows that others can reach the server; or nothing."""
    asked, sender = request.META.get("HTTP_HOST", ""), request.META.get("REMOTE_ADDR")
    if sender and sender != "localhost" and not is_loopback(sender):
        return f"it was asked from {sender}"
    if asked and not is_loopback(asked):
        return f"it was asked as {asked!r}"
    return ""
