"""What was sent for an import, to download."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from imports.inputs import sent_file
from imports.models import Import, ImportInput
from tachi.accounts.authentication import user_of
from tachi.accounts.permissions import owns_or_administers

NOT_KEPT = "What was sent for this import is not kept here."


class Kept(NamedTuple):
    """What is kept of what was sent: its name if it had one, its bytes, until when, and
    whether who asks may have it.
    """

    filename: str
    size: int
    until: datetime
    may_download: bool


def sent_of(request: HttpRequest, import_: Import) -> Kept | None:
    """What the page says of it; None where it is not kept. It is not read for that."""
    kept = ImportInput.objects.filter(of_import=import_).defer("payload").first()
    if kept is None:
        return None
    until = import_.received_at + timedelta(days=settings.INPUT_DAYS)
    return Kept(kept.filename, kept.size, until, may_download(request, import_))


def may_download(request: HttpRequest, import_: Import) -> bool:
    """Whoever may see inputs, as moderators, and for whom the API answers it, too."""
    sees = request.user.has_perm("imports.view_importinput")
    return sees or owns_or_administers(user_of(request), import_)


def download(request: HttpRequest, import_: Import | None) -> HttpResponse:
    """What was sent, byte for byte, as a file. 404 where it is not kept."""
    if import_ is None:
        raise Http404(NOT_KEPT)
    if not may_download(request, import_):
        raise PermissionDenied
    file = sent_file(import_)
    if file is None:
        raise Http404(NOT_KEPT)
    response = HttpResponse(file.content, "application/octet-stream")
    named = content_disposition_header(as_attachment=True, filename=file.name)
    response["Content-Disposition"] = named or "attachment"
    response["Cache-Control"] = "no-store"
    return response
