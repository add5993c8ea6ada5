"""The first page of the admin, and the way around it."""

from typing import NamedTuple

from django import template
from django.urls import reverse

from imports import overview
from imports.models import Import, RevertBatch
from imports.verdicts import first_line
from tachi.admin.looking import may_look_at

register = template.Library()

#: What moderators work on, in the order in which they need it.
PLACES = {
    "imports_import": "Imports",
    "imports_revertbatch": "Batches",
    "imports_revert": "Reverts",
    "scores_classclaim": "Class review",
    "imports_importrule": "Rules",
    "imports_orphan": "Orphans",
    "accounts_user": "Players",
    "accounts_apitoken": "Tokens",
    "moderation_entry": "Log",
}
TALLEST = 60  # units of the chart
BAR, GAP = 10, 2


class Bar(NamedTuple):
    """An hour as two bars, one on the other; sizes in units of the chart."""

    hour: overview.Hour
    x: int
    all_y: float
    all_height: float
    failed_y: float
    failed_height: float


@register.simple_tag
def places() -> list[tuple[str, str]]:
    """The lists that who is looking may see: address and name."""
    return [
        (reverse(f"admin:{model}_changelist"), name)
        for model, name in PLACES.items()
        if may_look_at(model)
    ]


@register.simple_tag
def may_see(model: str) -> bool:
    """Whether who is looking may see a model's pages; as in "imports_import"."""
    return may_look_at(model)


@register.simple_tag
def bars() -> list[Bar]:
    """The imports of each of the last hours, as a chart."""
    hours = overview.by_hour()
    most = max(1, *(each.imports for each in hours))
    return [_bar(each, at, TALLEST / most) for at, each in enumerate(hours)]


@register.simple_tag
def last_failed() -> list[tuple[Import, str]]:
    """The last imports that failed, each with the first line of why."""
    return [(import_, first_line(import_)) for import_ in overview.last_failed()]


@register.simple_tag
def open_batches() -> list[RevertBatch]:
    """Batches that are not done."""
    return list(overview.open_batches())


@register.simple_tag
def reviews_open() -> int:
    """How many classes wait for a decision."""
    return overview.reviews_open()


def _bar(hour: overview.Hour, at: int, unit: float) -> Bar:
    everything, failed = round(hour.imports * unit, 1), round(hour.failed * unit, 1)
    x = at * (BAR + GAP)
    return Bar(hour, x, TALLEST - everything, everything, TALLEST - failed, failed)
