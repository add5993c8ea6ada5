"""Pages on which a right could be given away: only superusers change anything there.

Django's permissions are not enough: who may change users may make himself a superuser.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class OnlySuperusersChange(admin.ModelAdmin):
    """Others look, with the permission to view or to change."""

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
