"""What players set for the hooks that send their scores."""

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request

from imports.formats.fervidex import IMPORT_TYPE as FERVIDEX
from imports.formats.kshook import SAVE as KSHOOK
from imports.hook_settings import set_for_hook, settings_of
from imports.models import Hook, HookSettings
from imports.views.hooks import require_offered
from tachi.accounts.models import User
from tachi.accounts.permissions import IsSelf
from tachi.accounts.users import UserResourceViewSet
from tachi.api.envelope import success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import (
    boolean,
    list_of,
    nullable,
    optional,
    string,
    that,
    validate,
)
from tachi.schema import Check

MOST_CARDS = 6
CARD = list_of(string(1, 100))
CARDS = that(
    lambda cards: CARD.accepts(cards) and len(cards) <= MOST_CARDS,
    f"Expected a list of at most {MOST_CARDS} cards.",
    {**CARD.json_schema(), "maxItems": MOST_CARDS},
)
KSHOOK_SETTINGS: dict[str, Check] = {"forceStaticImport": optional(boolean)}
FERVIDEX_SETTINGS = {**KSHOOK_SETTINGS, "cards": optional(nullable(CARDS))}
#: What is set of each setting when nothing is.
UNSET = {"forceStaticImport": False, "cards": None}
COLUMNS = {"forceStaticImport": "force_static_import", "cards": "cards"}


class KsHookSettings(TypedDict):
    """What a player has set for kshook."""

    forceStaticImport: Annotated[bool, "The next export of all scores is imported."]


class FervidexSettings(KsHookSettings):
    """What a player has set for fervidex."""

    cards: Annotated[list[str] | None, "The cards that count; null or none for any."]


class HookSettingsViewSet(UserResourceViewSet):
    """A player's settings for hooks, for the session of that player only."""

    permission_classes = [IsSelf]

    @action(detail=False, url_path="integrations/fervidex/settings")
    @answers(FervidexSettings, tag="imports", name="fervidex_settings")
    def fervidex(self, request: Request, user: str) -> JSONResponse:
        """Your settings for fervidex."""
        return self.shown(Hook.FERVIDEX)

    @fervidex.mapping.put
    @answers(
        FervidexSettings,
        tag="imports",
        name="set_fervidex_settings",
        sent=FERVIDEX_SETTINGS,
    )
    def set_fervidex(self, request: Request, user: str) -> JSONResponse:
        """Set all settings for fervidex; those that are left out are as at first."""
        return self.changed(Hook.FERVIDEX, request, FERVIDEX_SETTINGS, UNSET)

    @fervidex.mapping.patch
    @answers(
        FervidexSettings,
        tag="imports",
        name="edit_fervidex_settings",
        sent=FERVIDEX_SETTINGS,
    )
    def edit_fervidex(self, request: Request, user: str) -> JSONResponse:
        """Set some of the settings for fervidex."""
        return self.changed(Hook.FERVIDEX, request, FERVIDEX_SETTINGS)

    @action(detail=False, url_path="integrations/kshook-sv6c/settings")
    @answers(KsHookSettings, tag="imports", name="kshook_settings")
    def kshook(self, request: Request, user: str) -> JSONResponse:
        """Your settings for kshook."""
        return self.shown(Hook.KSHOOK_SV6C)

    @kshook.mapping.put
    @answers(
        KsHookSettings, tag="imports", name="set_kshook_settings", sent=KSHOOK_SETTINGS
    )
    def set_kshook(self, request: Request, user: str) -> JSONResponse:
        """Set all settings for kshook; those that are left out are as at first."""
        return self.changed(Hook.KSHOOK_SV6C, request, KSHOOK_SETTINGS, UNSET)

    @kshook.mapping.patch
    @answers(
        KsHookSettings, tag="imports", name="edit_kshook_settings", sent=KSHOOK_SETTINGS
    )
    def edit_kshook(self, request: Request, user: str) -> JSONResponse:
        """Set some of the settings for kshook."""
        return self.changed(Hook.KSHOOK_SV6C, request, KSHOOK_SETTINGS)

    def shown(self, hook: Hook) -> JSONResponse:
        """The answer with the settings for a hook."""
        settings = settings_of(self.owner(hook), hook)
        return success("Returned settings.", document(settings))

    def changed(
        self,
        hook: Hook,
        request: Request,
        rules: Mapping[str, Check],
        unsent: Mapping[str, Any] | None = None,
    ) -> JSONResponse:
        """The same, once what was sent is set; `unsent` is what stands for the rest."""
        owner = self.owner(hook)
        sent = {**(unsent or {}), **validate(request.data, rules)}
        changes = {COLUMNS[key]: value for key, value in sent.items()}
        return success(
            "Updated settings.", document(set_for_hook(owner, hook, **changes))
        )

    def owner(self, hook: Hook) -> User:
        """Whose settings they are. Raises Refused, as `get_user`, and 404."""
        owner = self.get_user()
        require_offered(IMPORT_TYPES[hook])
        return owner


IMPORT_TYPES = {Hook.FERVIDEX: FERVIDEX, Hook.KSHOOK_SV6C: KSHOOK}


def document(settings: HookSettings) -> KsHookSettings:
    """The settings for a hook, as the wire has them."""
    shown = KsHookSettings(forceStaticImport=settings.force_static_import)
    if settings.hook != Hook.FERVIDEX:
        return shown
    return FervidexSettings(**shown, cards=settings.cards)
