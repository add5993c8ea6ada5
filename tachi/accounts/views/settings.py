"""A user's settings for the site, and what else a user may ask of the account."""

from rest_framework.decorators import action, permission_classes
from rest_framework.request import Request

from tachi.accounts.permissions import IsSelf
from tachi.accounts.user_settings import (
    COLUMNS,
    UserSettingsDocument,
    change_settings,
    settings_document,
    settings_of,
)
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import boolean, optional, validate

EDIT = {name: optional(boolean) for name in COLUMNS}


class UserSettingsViewSet(UserResourceViewSet):
    """A user's settings for the site, which anybody may read."""

    tag = "accounts"

    @action(detail=False, url_path="settings")
    @answers(UserSettingsDocument, name="user_settings")
    def user_settings(self, request: Request, user: str) -> JSONResponse:
        """A user's settings for the site."""
        settings = settings_of(self.get_user())
        return success("Retrieved settings.", settings_document(settings))

    @user_settings.mapping.patch
    @permission_classes([IsSelf])
    @answers(UserSettingsDocument, name="edit_user_settings", sent=EDIT)
    def edit_user_settings(self, request: Request, user: str) -> JSONResponse:
        """Change some of your settings. Who is `invisible` is not seen any more."""
        owner = self.get_user()
        sent = validate(request.data, EDIT)
        if not sent:
            raise Refused(400, "Nothing was provided to change!")
        changes = {COLUMNS[name]: value for name, value in sent.items()}
        settings = change_settings(owner, **changes)
        return success("Updated settings.", settings_document(settings))

    @action(detail=False, url_path="is-email-verified", permission_classes=[IsSelf])
    @answers(bool)
    def is_email_verified(self, request: Request, user: str) -> JSONResponse:
        """Whether your address is verified: always, for accounts are made by people."""
        self.get_user()
        return success("User has verified email.", True)
