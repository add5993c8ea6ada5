"""What a player prefers to be shown of a game."""

from rest_framework.decorators import action, permission_classes
from rest_framework.request import Request

from scores.documents.settings import GameSettingsDocument, game_settings_document
from scores.game_settings import choose, preferences_of
from scores.games import GAMES
from scores.rules.game import Game
from scores.views.addresses import PlayerResourceViewSet
from tachi.accounts.models import Permission
from tachi.accounts.permissions import IsOwnerOrAdmin, TokenMay
from tachi.api.envelope import Refused, success
from tachi.api.openapi import answers
from tachi.api.rendering import JSONResponse
from tachi.api.validation import nullable, one_of, optional, text, validate
from tachi.schema import Check, Document

RANKINGS = ("global", "rival")


def choices(rules: Game | None = None) -> dict[str, Check]:
    """What may be chosen: in this game, or in any (for the description)."""

    def one(of: object) -> Check:
        return text if rules is None else one_of(*of)  # type: ignore[misc]

    specific = Document({}, open=True) if rules is None else rules.preferences
    chosen: dict[str, Check] = {
        "preferredScoreAlg": one(rules and rules.score_ratings),
        "preferredSessionAlg": one(rules and rules.session_ratings),
        "preferredProfileAlg": one(rules and rules.profile_ratings),
        "preferredDefaultEnum": one(rules and dict(rules.enums)),
        "defaultTable": text,
        "preferredRanking": one_of(*RANKINGS),
        "gameSpecific": specific,
    }
    return {name: optional(nullable(check)) for name, check in chosen.items()}


class GameSettingsViewSet(PlayerResourceViewSet):
    """A player's settings for one game and playtype."""

    tag = "players"

    @action(detail=True, url_path="settings")
    @answers(GameSettingsDocument, name="game_settings")
    def game_settings(self, request: Request, **address: str) -> JSONResponse:
        """What a player prefers to be shown of the game; null where nothing is."""
        stats = self.get_object()
        body = game_settings_document(stats, preferences_of(stats))
        return success(f"Returned {stats.user.username}'s settings.", body)

    @game_settings.mapping.patch
    @permission_classes([IsOwnerOrAdmin, TokenMay(Permission.CUSTOMISE_PROFILE)])
    @answers(GameSettingsDocument, name="edit_game_settings", sent=choices())
    def edit_game_settings(self, request: Request, **address: str) -> JSONResponse:
        """Choose what is shown of the game; what is left out stays as it is."""
        stats = self.get_object()
        sent = validate(request.data, choices(GAMES[stats.gpt]))
        if sent.get("defaultTable") is not None:
            raise Refused(400, "[defaultTable] This table does not exist.")
        body = game_settings_document(stats, choose(stats, sent))
        return success("Updated settings.", body)
