"""/imports/upload/: a file is tried out, or imported, as by the API."""

from collections.abc import Mapping
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from imports.models import State
from imports.pages import words
from imports.pages.asking import asked, to_import
from imports.pages.frame import page, signed_in
from imports.pages.refused import in_the_frame, why
from imports.pages.result import classes_of
from imports.pages.upload_form import sent_by_form, upload_form
from imports.pipeline import submit
from imports.preview import ImportPreview, preview
from imports.uploads import require_length
from scores.games import GAMES
from tachi.api.throttles import ScoreImport
from tachi.api.trying import trying

TRY, IMPORT = "try", "import"
PROBLEMS_SHOWN = 100
ERRORS_SHOWN = 50


@csrf_exempt  # below, when it is known that the form is no longer than a file may be
@require_http_methods(["GET", "HEAD", "POST"])
@in_the_frame
def upload(request: HttpRequest) -> HttpResponse:
    """The form alone, or what comes of it."""
    require_length(int(request.META.get("CONTENT_LENGTH") or 0))
    return _upload(request)


@csrf_protect
@signed_in
def _upload(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request)
    try:
        sent = sent_by_form(request, asked(request, ScoreImport))
        if request.POST.get("act") == TRY:
            with trying(sent.user.pk):
                told = preview(sent, within_bounds=True)
            return _form(request, {"tried": _in_words(told)})
        import_ = submit(sent)
    except Exception as error:
        refused = why(error)
        if refused is None:
            raise
        status, text = refused
        problems = getattr(error, "problems", [])
        context = {"refused": text, "problems": problems[:PROBLEMS_SHOWN]}
        return _form(request, context, status, getattr(error, "headers", None))
    if import_.state == State.REVERTED:
        messages.info(request, "You have imported this before, and reverted it.")
    return to_import(import_)


def _form(
    request: HttpRequest,
    context: dict[str, object] | None = None,
    status: int = 200,
    headers: dict[str, object] | None = None,
) -> HttpResponse:
    shown = {"upload": upload_form(request.POST.dict()), **(context or {})}
    response = page(request, "upload.html", shown, here="imports", status=status)
    for name, value in (headers or {}).items():
        response[name] = str(value)
    return response


def _in_words(told: ImportPreview) -> dict[str, object]:
    """What importing it would do, for its page."""
    errors, changes = told["errors"], told["changes"]
    counts = cast(Mapping[str, int], told["counts"])
    return {
        "numbers": words.numbers(counts),
        "total": counts["total"],
        "errors": errors[:ERRORS_SHOWN],
        "more_errors": max(0, len(errors) - ERRORS_SHOWN) + told.get("moreErrors", 0),
        "changes": changes,
        "profiles": [
            {**each, "game": GAMES[f"{each['game']}:{each['playtype']}"].display_name}
            for each in (changes["profiles"] if changes else [])
        ],
        "classes": classes_of(changes["classes"] if changes else []),
        "most_rows": settings.PREVIEW_ROWS,
    }
