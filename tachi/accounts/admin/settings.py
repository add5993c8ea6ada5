"""What users have set for themselves, for moderators."""

from django.contrib import admin

from tachi.accounts.admin.filters import UserFilter
from tachi.accounts.models import UserSettings
from tachi.admin.read_only import ReadOnlyAdmin


@admin.register(UserSettings)
class UserSettingsAdmin(ReadOnlyAdmin):
    list_display = ["user", "invisible"]
    list_select_related = ["user"]
    list_filter = [UserFilter]
