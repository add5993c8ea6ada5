"""Groups: what they may do, their members may."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group

from tachi.accounts.admin.superusers import OnlySuperusersChange

admin.site.unregister(Group)


@admin.register(Group)
class GuardedGroupAdmin(OnlySuperusersChange, GroupAdmin):
    pass
