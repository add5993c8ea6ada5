"""The router: which address leads to which view.

Addresses match in any case, with or without a trailing slash. The slash is never added
by a redirect: a redirected POST loses its body. `<name>` is one segment, as sent.
"""

import re
from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocaleRegexDescriptor, RegexPattern
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet, ViewSetMixin

View = Callable[..., HttpResponseBase]


class IgnoringCase(LocaleRegexDescriptor):
    """Compiles a pattern when it is first needed, and once."""

    def _compile(self, regex: str) -> re.Pattern[str]:
        return re.compile(regex, re.IGNORECASE)


class AnyCase(RegexPattern):
    """An address as it is written in a URL map, which is also its `str()`.

    So lists of endpoints read `imports/<import_id>/revert`. The flag (?i) in the
    pattern would match the same, but Django could not reverse it.
    """

    regex = IgnoringCase()

    def __init__(self, address: str, end: str = "", name: str | None = None) -> None:
        self.address = address
        regex = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", address)
        super().__init__(f"^{regex}{end}", name, is_endpoint=end.endswith("$"))

    def __str__(self) -> str:
        return self.address


class Router(SimpleRouter):
    """REST framework's router, for such addresses, and for plain views beside viewsets.

        router.register("users/<user>/api-tokens", TokenViewSet)
        router.route("status", status)

    Where two addresses match, a literal segment wins over a parameter:
    `imports/failed` is no import's page, whatever was registered first.
    """

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)
        self.views: list[URLPattern] = []

    def route(self, address: str, view: View, name: str | None = None) -> None:
        """Add a view that is not a viewset's, a plain Django view for example."""
        self.views.append(endpoint(address, view, name))
        self.__dict__.pop("_urls", None)  # `urls` is cached, as `register` knows

    def get_urls(self) -> list[URLPattern | URLResolver]:
        registered = [
            endpoint(str(each.pattern).strip("^$"), each.callback, each.name)
            for each in super().get_urls()
            if isinstance(each, URLPattern) and each.callback is not None
        ]
        return sorted([*registered, *self.views], key=_parameters)

    def get_lookup_regex(
        self, viewset: type[ViewSetMixin], lookup_prefix: str = ""
    ) -> str:
        assert issubclass(viewset, GenericViewSet)
        return f"<{viewset.lookup_url_kwarg or viewset.lookup_field}>"

    def get_default_basename(self, viewset: type[ViewSetMixin]) -> str:
        return viewset.__name__.removesuffix("ViewSet").lower()


def endpoint(address: str, view: View, name: str | None = None) -> URLPattern:
    """One address, `imports/<import_id>/revert`, and its view."""
    return URLPattern(AnyCase(address, "/?$", name), view, name=name)


def under(prefix: str, *routers: Router) -> URLResolver:
    """The routers' addresses below a prefix."""
    urls = [pattern for router in routers for pattern in router.urls]
    return URLResolver(AnyCase(f"{prefix}/"), urls)


def anything_under(prefix: str, view: View) -> URLPattern:
    """Whatever is left below a prefix, and the prefix itself."""
    return URLPattern(AnyCase(prefix, "(?:/|$)"), view)


def _parameters(pattern: URLPattern | URLResolver) -> list[bool]:
    """For each segment, whether it is a parameter: literals sort first."""
    return [segment.startswith("<") for segment in str(pattern.pattern).split("/")]
