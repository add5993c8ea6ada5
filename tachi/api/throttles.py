"""Rate limits: so many requests from one address, or with one token, in a window.

Windows are aligned to the clock, so a count is one number in the cache under a key
that names its window, and nothing has to be reset. An address is a network that one
subscriber has (`tachi.api.addresses`); a session counts as its user's token.
"""

import time
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tachi.api.addresses import address_of
from tachi.api.counters import shared
from tachi.api.envelope import Failure, Refused
from tachi.api.requests import api_request

if TYPE_CHECKING:  # views import this module: it is the default of their throttles
    from rest_framework.views import APIView

View = Callable[..., HttpResponseBase]


class TooManyRequests(Failure):
    """The refusal of a request beyond a limit."""

    status: Literal[429]
    message: str


class Limit(BaseThrottle):
    """A counter; list it in a view's `throttle_classes`, or call `check` inside one.

    `counts_refused` says whether a request counts that is refused a permission,
    `is_told` whether the headers tell of it before it refuses.
    """

    scope: str
    requests: int
    seconds: int
    counts_refused = True
    is_told = True

    def allow_request(self, request: Request, view: "APIView") -> bool:
        self.check(request)
        return True

    def check(self, request: Request | HttpRequest) -> None:
        """Count a request, and note it for the headers; raises Refused (429).

        First for its address, then for its token, as far as that is known by now.
        """
        self.count(request, self.get_ident(request), self.limit())
        self.check_token(request)

    def take_back(self, request: Request | HttpRequest) -> None:
        """Do not count a request after all, which `check` has just let through."""
        if settings.RATE_LIMITS:
            key = self.key_of(self.get_ident(request))
            shared.count(key, self.seconds * 2, -1)

    def get_ident(self, request: Request | HttpRequest) -> str:
        """Who is asking, and has the first of the limits: an address."""
        return address_of(request)

    def key_of(self, who: str) -> str:
        """Where requests are counted, in this window."""
        return f"limit:{self.scope}:{int(time.time()) // self.seconds}:{who}"

    def check_token(self, request: Request | HttpRequest) -> None:
        """Count a request for its token, or its user's session, if it has one."""
        if isinstance(request, Request) and (sender := sender_of(request)):
            self.count(request, sender, self.token_limit())

    def count(self, request: Request | HttpRequest, who: str, limit: int) -> None:
        """Count a request for an address or a token; raises Refused (429)."""
        if not settings.RATE_LIMITS:
            return
        count = shared.count(self.key_of(who), self.seconds * 2)
        left = max(limit - count, 0)
        ends = (int(time.time()) // self.seconds + 1) * self.seconds
        if self.is_told or count > limit:
            note(request, limit, left, ends)
        if count > limit:
            raise self.refused(limit, seconds_until(ends))

    def limit(self) -> int:
        """How many requests of one address a window may have."""
        return self.requests

    def token_limit(self) -> int:
        """How many requests with one token a window may have."""
        return self.limit()

    def refused(self, limit: int, seconds: int) -> Refused:
        """The refusal, until the window ends in some seconds."""
        return Refused(
            429,
            f"You have exceeded the limit of {limit} requests in {self.seconds} "
            "seconds for this endpoint. Please wait.",
            headers={"Retry-After": seconds},
            status=429,
            message="Too many requests.",
        )


def seconds_until(reset: int) -> int:
    """How long until a window ends, by its X-RateLimit-Reset; at least one second."""
    return max(ceil(reset - time.time()), 1)


def sender_of(request: Request) -> str:
    """The token that was sent, or the user whose session it is; empty for a guest."""
    if request.auth is not None:
        return f"token-{request.auth.pk}"
    return f"user-{request.user.pk}" if request.user.is_authenticated else ""


def note(request: Request | HttpRequest, limit: int, left: int, ends: int) -> None:
    """For the headers: of several limits the one that would refuse first is told."""
    noted = api_request(request)
    told = getattr(noted, "rate_limit", None)
    if told is None or left <= told["X-RateLimit-Remaining"]:
        noted.rate_limit = {
            "X-RateLimit-Limit": limit,
            "X-RateLimit-Remaining": left,
            "X-RateLimit-Reset": ends,
        }


class Normal(Limit):
    scope, seconds = "normal", 60

    def limit(self) -> int:
        return settings.RATE_LIMIT

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if hasattr(request._request, "rate_limit"):
            # Under /ir the middleware has counted, before anybody was identified.
            self.check_token(request)
            return True
        return super().allow_request(request, view)


class Aggressive(Limit):
    scope, requests, seconds = "aggressive", 15, 600


class HyperAggressive(Limit):
    scope, requests, seconds = "hyper-aggressive", 2, 300


class WholeList(HyperAggressive):
    """Of a list as a whole; a page of it costs, and counts, as any other request."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if {"limit", "cursor"} & request.query_params.keys():
            return Normal().allow_request(request, view)
        return super().allow_request(request, view)


class ScoreImport(Limit):
    """Of one game cabinet, and of an arcade with many behind one address."""

    scope, requests, seconds = "score-import", 300, 60
    counts_refused = False

    def token_limit(self) -> int:
        return 60


class TriedOut(Limit):
    """Of what is done and undone again, which costs as much as doing it."""

    scope, requests, seconds = "tried-out", 60, 60


class Poll(Limit):
    """For those who wait for an import, and ask every second for each of them."""

    scope, requests, seconds = "poll", 3000, 60


class Pictures(Limit):
    """For drawings: a list of players shows one of each of them."""

    scope, requests, seconds = "pictures", 3000, 60


class PollCompleted(Limit):
    """For the document of a completed import: whoever has it need not ask again."""

    scope, requests, seconds = "poll-completed", 120, 60
    is_told = False  # that of all polls is


def limited(limit: type[Limit]) -> Callable[[View], View]:
    """Put a limit on a plain Django view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(
            request: HttpRequest, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            limit().check(request)
            return view(request, *args, **kwargs)

        return counted

    return decorate
