"""From what an address says to a user."""

import re

from rest_framework.request import Request

from tachi.accounts.models import User
from tachi.api.envelope import Refused

ID = re.compile(r"[0-9]{1,15}", re.ASCII)


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
