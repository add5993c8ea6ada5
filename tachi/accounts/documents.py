"""Users and tokens as the API shows them."""

from typing import Annotated, Literal, TypedDict

from tachi.accounts.models import ApiToken, AuthLevel, User
from tachi.accounts.profiles import SITES
from tachi.api.openapi import Keywords, Milliseconds
from tachi.api.times import milliseconds

#: What stands for the digits of a token that are not kept.
MORE = "…"


class UserDocument(TypedDict):
    """A user, as anybody may see them."""

    id: int
    username: str
    usernameLowercase: str
    about: str
    socialMedia: dict[str, str | None]
    status: str | None
    customBannerLocation: str | None
    customPfpLocation: str | None
    joinDate: Milliseconds
    lastSeen: Milliseconds
    authLevel: Annotated[
        int,
        "0: banned, 1: user, 2: moderator, 3: administrator.",
        Keywords(enum=AuthLevel.values),
    ]
    badges: list[str]


class TokenDocument(TypedDict):
    """An API token."""

    userID: int
    token: Annotated[
        str, "The first eight digits and `…`; all of it in the answer that creates it."
    ]
    identifier: Annotated[str, "A name, for people."]
    permissions: Annotated[dict[str, Literal[True]], "Those that it has."]
    fromAPIClient: str | None


def user_document(user: User) -> UserDocument:
    """A user, as anybody may see them; what is not kept here is empty."""
    return {
        "id": user.pk,
        "username": user.username,
        "usernameLowercase": user.username.lower(),
        "about": user.about,
        "socialMedia": {site: name for site in SITES if (name := getattr(user, site))},
        "status": user.status or None,
        "customBannerLocation": None,
        "customPfpLocation": None,
        "joinDate": milliseconds(user.date_joined),
        "lastSeen": milliseconds(user.last_seen),
        "authLevel": user.auth_level,
        "badges": [],
    }


def token_document(token: ApiToken, secret: str | None = None) -> TokenDocument:
    """A token; by its first eight digits and `…`, unless its secret is given (once)."""
    return {
        "userID": token.user_id,
        "token": secret or token.prefix + MORE,
        "identifier": token.identifier,
        "permissions": dict.fromkeys(token.permissions, True),
        "fromAPIClient": None,
    }
