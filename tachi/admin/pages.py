"""What holds for every page, whoever made it."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

from tachi.admin.formatting import MARK, with_marks

#: What a page sends back as it is, or runs, and does not show: its tags, with the
#: values of fields in them, and the contents of these.
NOT_SHOWN = re.compile(
    r"(<textarea\b.*?</textarea>|<script\b.*?</script>|<[^>]*>)", re.DOTALL | re.I
)


class Pages:
    """No page that depends on who asks is kept, and marks in texts are to be seen.

    Texts are looked at where the page is complete: names, titles and messages come
    into it in too many ways, most of them Django's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            if has_vary_header(response, "Cookie"):
                response.headers.setdefault("Cache-Control", "no-store")
            show_marks(response)
        return response


def show_marks(page: HttpResponse) -> None:
    """Show the marks in a page's texts; what its forms send back stays as it is."""
    if page.streaming:
        return
    text = page.content.decode(page.charset)
    if not MARK.search(text):
        return
    parts = NOT_SHOWN.split(text)
    parts[::2] = map(with_marks, parts[::2])  # every other one is a tag
    page.content = "".join(parts).encode(page.charset)
    if page.has_header("Content-Length"):
        page.headers["Content-Length"] = str(len(page.content))
