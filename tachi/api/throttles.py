"""Rate limits: so many requests from one address in a window of time.

Windows are aligned to the clock, so a count is one number in the cache under a key
that names its window, and nothing has to be reset.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

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
        """Count a request, and note it for the headers; raises Refused (429)."""
        if not settings.RATE_LIMITS:
            return
        limit, window = self.limit(), int(time.time()) // self.seconds
        key = self.key_of(request)
        cache.add(key, 0, self.seconds * 2)
        count = cache.incr(key)
        if self.is_told or count > limit:
            api_request(request).rate_limit = {
                "X-RateLimit-Limit": limit,
                "X-RateLimit-Remaining": max(limit - count, 0),
                "X-RateLimit-Reset": (window + 1) * self.seconds,
            }
        if count > limit:
            raise self.refused(limit)

    def take_back(self, request: Request | HttpRequest) -> None:
        """Do not count a request after all, which `check` has just let through."""
        with suppress(ValueError):  # it is forgotten already
            cache.decr(self.key_of(request))

    def key_of(self, request: Request | HttpRequest) -> str:
        """Where the requests of who is asking are counted, in this window."""
        window = int(time.time()) // self.seconds
        return f"limit:{self.scope}:{window}:{self.get_ident(request)}"

    def get_ident(self, request: Request | HttpRequest) -> str:
        """The address that is asking, as the proxies of NUM_PROXIES tell it."""
        return super().get_ident(request)  # type: ignore[arg-type]  # Reads META only.

    def limit(self) -> int:
        return self.requests

    def refused(self, limit: int) -> Refused:
        return Refused(
            429,
            f"You have exceeded the limit of {limit} requests in {self.seconds} "
            "seconds for this endpoint. Please wait.",
            headers={"Retry-After": self.seconds},
            status=429,
            message="Too many requests.",
        )


def seconds_until(reset: int) -> int:
    """How long until a window ends, by its X-RateLimit-Reset; at least one second."""
    return max(math.ceil(reset - time.time()), 1)


class Normal(Limit):
    scope, seconds = "normal", 60

    def limit(self) -> int:
        return settings.RATE_LIMIT

    def allow_request(self, request: Request, view: "APIView") -> bool:
        # Under /ir the middleware counts, before anybody is identified.
        counted = hasattr(request._request, "rate_limit")
        return counted or super().allow_request(request, view)


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
    scope, requests, seconds = "score-import", 5, 60
    counts_refused = False


class Poll(Limit):
    """For those who wait for an import, and ask every second for each of them."""

    scope, requests, seconds = "poll", 3000, 60


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
