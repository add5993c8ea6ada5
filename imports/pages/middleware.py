"""What holds for every page, whichever view gives it: limits, and no empty refusals."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from imports.pages.outage import page_of
from imports.pages.refused import refused, without_frame
from tachi.accounts.models import User
from tachi.api.envelope import Refused
from tachi.api.middleware import is_api
from tachi.api.throttles import Normal

View = Callable[..., HttpResponse]
NUL = "It holds the NUL character, which no database takes."
#: Names of addresses whose forms count each attempt, whatever is in it.
SIGN_IN = {"sign_in"}
NOT_SO = "This address does not take such a request. Nothing was done."


class Refusals:
    """Refuses what no page takes, as the API does, and says so on a page.

    What is not the API's is a page: those of the admin, too. The owners' pages count
    as requests to the API do, for their address and for who is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_empty = response.status_code == 405 and not response.content
        if is_empty and not is_api(request):
            page = without_frame(405, NOT_SO)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Before any view: 400 for a NUL, 429 beyond the limit."""
        if is_api(request):
            return None
        found = request.resolver_match
        # The lists and forms of the admin say by themselves what made no sense.
        name = (found and found.url_name) or ""
        asked = "" if name.endswith("_changelist") else request.META["QUERY_STRING"]
        if "\0" in request.path_info or "%00" in asked:
            raise BadRequest(NUL)
        if found is not None and found.app_name == "pages":
            try:
                count(request)
            except Refused as error:
                return refused(request, error.status, error.text, error.headers)
            except (OperationalError, InterfaceError) as error:
                return page_of(error)  # nobody knows who asks
            # A view without this check looks at what is sent by itself, piece by piece.
            looks_itself = getattr(view, "csrf_exempt", False) or name in SIGN_IN
            if request.method == "POST" and not looks_itself:
                require_no_nul(request)
        return None


def count(request: HttpRequest) -> None:
    """Count a request for an owner's page. Raises Refused (429)."""
    limit, user = Normal(), request.user
    limit.check(request)
    if isinstance(user, User):
        limit.count(request, f"user-{user.pk}", limit.token_limit())


def require_no_nul(request: HttpRequest) -> None:
    """Raises BadRequest where something in a form holds one."""
    try:
        sent = request.POST
    except UnreadablePostError:
        return  # the client has gone
    if any("\0" in each for pair in sent.lists() for each in (pair[0], *pair[1])):
        raise BadRequest(NUL)
