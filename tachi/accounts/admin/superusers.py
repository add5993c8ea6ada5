"""Pages on which a right could be given away: only superusers change anything there.

Django's permissions are not enough: who may change users may make himself a superuser.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, Model
from django.http import HttpRequest


class OnlySuperusersChange(admin.ModelAdmin):
    """Others look, with the permission to view or to change.

    Fields of several values are plain lists: Django's two boxes need jQuery, and are
    hard to use without a mouse.
    """

    filter_horizontal = ()

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=["admin/js/actions.js"])

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Without links to windows in which another object is made."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if found and isinstance(found.widget, RelatedFieldWidgetWrapper):
            found.widget = found.widget.widget
        if found and isinstance(found.widget, forms.SelectMultiple):
            found.widget.attrs["size"] = min(len(list(found.widget.choices)), 15)
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser and super().has_add_permission(request)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        may = super().has_change_permission(request, obj)
        return request.user.is_superuser and may

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        may = super().has_delete_permission(request, obj)
        return request.user.is_superuser and may
