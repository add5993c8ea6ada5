"""How an address is written down in a URL map."""

import re

from django.urls import URLPattern, re_path


def route(path: str, view) -> URLPattern:
    """`route("imports/<id>/revert", view)`: in any case, with or without a last slash.

    A `<name>` is one segment, as it was sent. The slash is never added by a redirect,
    in which a POST would lose its body.
    """
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path)
    return re_path(rf"(?i)^{pattern}/?$", view)
