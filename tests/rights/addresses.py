"""Every address that the site answers, from its resolver."""

from rest_framework.schemas.generators import EndpointEnumerator


class Addresses(EndpointEnumerator):
    """As REST framework lists its endpoints, but with plain views: "ANY" of those.

    Without the owners' pages, which have a table of their own.
    """

    def should_include_endpoint(self, path, callback):
        of_a_page = callback.__module__.startswith(("imports.pages", "django.views"))
        return path == "/admin" or not (path.startswith("/admin/") or of_a_page)

    def get_allowed_methods(self, callback):
        if not hasattr(callback, "cls"):
            return ["ANY"]
        return super().get_allowed_methods(callback)


def endpoints():
    """ "METHOD /path/{with}/{parameters}" of each, without the pages."""
    return {f"{method} {path}" for path, method, _ in Addresses().get_api_endpoints()}
