"""The user that an address names, and the viewsets below `users/<user>`."""

import re

from rest_framework.request import Request

from tachi.accounts.models import User
from tachi.api.envelope import Refused
from tachi.api.viewsets import ResourceViewSet

ID = re.compile(r"[0-9]{1,15}", re.ASCII)


class UserResourceViewSet(ResourceViewSet):
    """Something of a user, at `users/<user>/...`: that user is asked for permission."""

    def names_an_object(self) -> bool:
        return "user" in self.kwargs

    def get_user(self) -> User:
        """The user that the address names, if the request may ask for what is theirs.

        Raises Refused (401, 404), and what the permissions raise.
        """
        user = get_user(self.request, self.kwargs["user"])
        self.check_object_permissions(self.request, user)
        return user


def get_user(request: Request, key: str) -> User:
    """The user with that id, or that name in any case, or who asks for "me".

    Raises Refused: 401 where a guest asks for "me", 404 for nobody.
    """
    if key == "me":
        if not request.user.is_authenticated:
            raise Refused(401, "You are not authorised as anyone, so there is no 'me'.")
        return request.user
    if ID.fullmatch(key):
        user = User.objects.filter(pk=int(key)).first()
    else:
        user = User.objects.named(key)
    if user is None:
        raise Refused(404, f"The user {key} does not exist.")
    return user
