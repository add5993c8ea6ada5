"""Which endpoints the OpenAPI document has: REST framework's and our plain views."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from rest_framework.views import APIView

from tachi.api.openapi.answers import DECLARED

View = Callable[..., Any]


class Endpoints(EndpointEnumerator):
    """A plain Django view counts that declares what it answers."""

    def should_include_endpoint(self, path: str, callback: View) -> bool:
        return _is_plain(callback) or super().should_include_endpoint(path, callback)

    def get_allowed_methods(self, callback: View) -> list[str]:
        if _is_plain(callback):
            return list(getattr(callback, DECLARED).methods)
        methods = super().get_allowed_methods(callback)  # type: ignore[no-untyped-call]
        return list(methods)


class Generator(SchemaGenerator):
    endpoint_inspector_cls = Endpoints

    def create_view(self, callback: View, method: str, request: Any = None) -> Any:
        if _is_plain(callback):
            return _stand_in(callback)()
        return super().create_view(  # type: ignore[no-untyped-call]
            callback, method, request
        )


def _is_plain(callback: View) -> bool:
    return hasattr(callback, DECLARED) and not hasattr(callback, "cls")


def _stand_in(view: View) -> type[APIView]:
    """REST framework's view of the name, the words and the limits of a plain one."""
    declared = getattr(view, DECLARED)
    attributes = {
        "__doc__": view.__doc__,
        "__module__": view.__module__,
        DECLARED: declared,
        "authentication_classes": [],
        "throttle_classes": list(declared.limits),
        **{method.lower(): view for method in declared.methods},
    }
    return type(view.__name__, (APIView,), attributes)
