"""The page that asks before something is done to the selected rows."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse

from tachi.admin.lists import whole_list
from tachi.admin.log import ReasonForm
from tachi.admin.read_only import ReadOnlyAdmin

LISTED = 50


def given_reason(request: HttpRequest) -> ReasonForm:
    """The form that was filled in, if it was; else an empty one, which is not valid."""
    return ReasonForm(request.POST if "confirmed" in request.POST else None)


def back_to(request: HttpRequest) -> str:
    """The primary key of the row from whose page something is asked; "" from a list."""
    back = request.POST.get("back", "")
    return back if back.isdecimal() and len(back) < 19 else ""


def confirmation(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    rows: list[Any],
    context: dict[str, Any],
) -> TemplateResponse:
    """The page of the action `context["action"]`, which posts these rows' keys.

    It lists the first of them; the template is "ACTION_confirmation.html".
    """
    opts = model_admin.opts
    selected = len(request.POST.getlist(ACTION_CHECKBOX_NAME))
    whole, all_of_them = whole_list(request), ""
    if whole is not None:
        selected = whole.count
        all_of_them = whole.in_words(plural(opts.model, whole.count))
    common: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": opts,
        "rows": rows,
        "listed": rows[:LISTED],
        "unlisted": len(rows[LISTED:]),
        "all_of_them": all_of_them,
        "left_alone": selected - len(rows),
        "noun": plural(opts.model, len(rows)),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "back": back_to(request),
    }
    place = f"admin/{opts.app_label}/{opts.model_name}"
    template = f"{place}/{context['action']}_confirmation.html"
    return TemplateResponse(request, template, {**common, **context})


def plural(model: type[Model], count: int) -> str:
    """What so many rows of a model are called."""
    opts = model._meta
    return str(opts.verbose_name if count == 1 else opts.verbose_name_plural)
