"""The site's first page: what this is, for who comes by."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from imports.pages.frame import page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this site is, and the way in."""
    return page(request, "home.html")
