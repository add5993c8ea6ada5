"""How an address is written down in a URL map."""

import re

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RegexPattern
from django.utils.functional import cached_property


class AnyCase(RegexPattern):
    """Matches whatever the case; Django cannot reverse a pattern that says `(?i)`."""

    @cached_property
    def regex(self) -> re.Pattern:
        return re.compile(self._regex, re.IGNORECASE)


def route(path: str, view) -> URLPattern:
    """`route("imports/<id>/revert", view)`: in any case, with or without a last slash.

    A `<name>` is one segment, as it was sent. The slash is never added by a redirect,
    in which a POST would lose its body.
    """
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path)
    return URLPattern(AnyCase(f"^{pattern}/?$", is_endpoint=True), view)


def under(prefix: str, routes: list[URLPattern]) -> URLResolver:
    """The routes below a prefix."""
    return URLResolver(AnyCase(f"^{prefix}/"), routes)


def anything_under(prefix: str, view) -> URLPattern:
    """Whatever is left below a prefix, and the prefix itself."""
    return URLPattern(AnyCase(f"^{prefix}(?:/|$)"), view)
