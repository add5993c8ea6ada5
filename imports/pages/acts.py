"""What a player does with an import of his: cancel it, or run it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from imports.models import State
from imports.pages.asking import asked, own_import, requested_by, to_import
from imports.pages.frame import signed_in
from imports.pages.refused import in_the_frame, told_if_refused
from imports.queue.stops import cancel_import
from imports.retry import retry_import


@require_POST
@in_the_frame
@signed_in
def cancel(request: HttpRequest, import_id: str) -> HttpResponse:
    """Cancel an import before it is written."""
    asked(request)
    import_ = own_import(request, import_id)
    by = requested_by(request)
    if told_if_refused(request, lambda: cancel_import(import_, by)):
        messages.success(request, "Cancelled. Nothing of it was stored.")
    return to_import(import_)


@require_POST
@in_the_frame
@signed_in
def retry(request: HttpRequest, import_id: str) -> HttpResponse:
    """Run an import again that failed by a fault of the server."""
    asked(request)
    import_ = own_import(request, import_id)
    by = requested_by(request)
    others = import_.user_id != request.user.pk
    found = told_if_refused(
        request, lambda: retry_import(import_, by, past_rules=others)
    )
    if found is not None and found.state != State.FAILED:
        messages.success(request, "It runs again.")
    return to_import(import_)
