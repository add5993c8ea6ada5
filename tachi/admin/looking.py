"""Who is looking at a page, and what he may look at: nothing links to a 403."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.db.models import Model
from django.http import HttpRequest

_looking: ContextVar[HttpRequest | None] = ContextVar("looking", default=None)


@contextmanager
def looking(request: HttpRequest) -> Iterator[None]:
    """Within the block, links are made for who sent this request."""
    before = _looking.set(request)
    try:
        yield
    finally:
        _looking.reset(before)


def may_look_at(model: str) -> bool:
    """Whether who is looking may see a model's pages; `model` as in "scores_score".

    Outside of a page of the admin there is nobody to refuse.
    """
    request = _looking.get()
    if request is None:
        return True
    app, _, name = model.partition("_")
    try:
        pages = admin.site.get_model_admin(apps.get_model(app, name))
    except (LookupError, NotRegistered):
        return False
    return pages.has_view_permission(request)


class SeenByWhoActs(admin.ModelAdmin):
    """Who has one of the permissions `acts` sees these pages, to act on them."""

    acts: tuple[str, ...] = ()

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        acts = any(request.user.has_perm(each) for each in self.acts)
        return acts or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Acts on these rows may be permissions of another app."""
        return super().has_module_permission(request) or self.has_view_permission(
            request
        )
