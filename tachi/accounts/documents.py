"""Users and tokens as the API shows them."""

from typing import Any

from tachi.accounts.models import ApiToken, User
from tachi.api.times import milliseconds


def user_document(user: User) -> dict[str, Any]:
    """A user, as anybody may see them; what is not kept here is empty."""
    return {
        "id": user.pk,
        "username": user.username,
        "usernameLowercase": user.username.lower(),
        "about": user.about,
        "socialMedia": {},
        "status": user.status or None,
        "customBannerLocation": None,
        "customPfpLocation": None,
        "joinDate": milliseconds(user.date_joined),
        "lastSeen": milliseconds(user.last_seen),
        "authLevel": user.auth_level,
        "badges": [],
    }


def token_document(token: ApiToken, secret: str | None = None) -> dict[str, Any]:
    """A token; by its first eight digits, unless its secret is given (once)."""
    return {
        "userID": token.user_id,
        "token": secret or token.prefix,
        "identifier": token.identifier,
        "permissions": dict.fromkeys(token.permissions, True),
        "fromAPIClient": None,
    }
