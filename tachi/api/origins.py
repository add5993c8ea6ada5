"""Whether a browser sends a request for a page of ours, or for somebody else's.

A session's cookie goes with whatever request a page makes, so a page elsewhere could
act in its user's name. `SameSite=Strict` keeps it from other sites, but not from other
ports and sister domains. A token is sent by who has it: there is nothing to forge.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import is_same_domain

from tachi.api.envelope import Refused

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: What `Sec-Fetch-Site` says of pages that are not ours.
ELSEWHERE = frozenset({"same-site", "cross-site"})
PORTS = {"http": 80, "https": 443}
MORE = re.compile(r"[/?#@\\\s]")  # what is in other addresses, and in no origin
REFUSED = (
    "This request comes from a page of another origin, which may not act for whoever "
    "is logged in here. Send a token, and no cookie."
)

Origin = tuple[str, str, int | None]  # scheme, host, port


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the browser says that a page of another origin makes this request.

    Scripts and old browsers say nothing: their requests are not from elsewhere.
    """
    if request.headers.get("Sec-Fetch-Site", "").strip().lower() in ELSEWHERE:
        return True
    said = request.headers.get("Origin")
    return said is not None and not is_ours(said, request)


def require_our_origin(request: HttpRequest) -> None:
    """Raises Refused (403) for a request that a page of another origin makes."""
    if is_from_elsewhere(request):
        raise Refused(403, REFUSED)


def is_ours(said: str, request: HttpRequest) -> bool:
    """Whether it is OUR_URL's, the asked host's, or one of CSRF_TRUSTED_ORIGINS."""
    origin = origin_of(said)
    if origin is None or MORE.search(said.partition("://")[2]):
        return False
    asked = f"{request.scheme}://{request.get_host()}"
    return any(
        is_of(origin, each)
        for each in (settings.OUR_URL, asked, *settings.CSRF_TRUSTED_ORIGINS)
    )


def is_of(origin: Origin, trusted: str) -> bool:
    """`https://*.tachi.example` stands for all below tachi.example, as in Django."""
    found = origin_of(trusted.replace("://*.", "://."))
    if found is None:
        return False
    scheme, host, port = found
    return (scheme, port) == (origin[0], origin[2]) and is_same_domain(origin[1], host)


def origin_of(url: str) -> Origin | None:
    """The origin of an address; None where it has none, as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not (parts.scheme in PORTS and parts.hostname):
        return None
    return parts.scheme, parts.hostname, port
