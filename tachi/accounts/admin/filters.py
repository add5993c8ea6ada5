"""List filters by a user."""

from django.db.models import QuerySet

from tachi.accounts.models import User
from tachi.admin.filters import Meaningless, TextFilter

#: Lists users whose name contains what follows.
USERS_LIKE = "/api/v1/users?search="


class UserFilter(TextFilter):
    """By the name of a user, in full and in any case."""

    title = "user"
    parameter_name = "user"
    lookup = "user"
    hint = "name"
    suggest = USERS_LIKE

    def narrowed(self, queryset: QuerySet, value: str) -> QuerySet:
        user = User.objects.named(value)
        if user is None:
            raise Meaningless(f"There is no user “{value}”.")
        return queryset.filter(**{self.lookup: user})
