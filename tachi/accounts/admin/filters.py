"""List filters by a user."""

from django.db.models import QuerySet

from tachi.accounts.models import User
from tachi.admin.filters import TextFilter


class UserFilter(TextFilter):
    """By the name of a user, in full and in any case."""

    title = "user"
    parameter_name = "user"
    lookup = "user"
    hint = "name"

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        user = User.objects.named(value)
        return queryset.filter(**{self.lookup: user}) if user else queryset.none()
