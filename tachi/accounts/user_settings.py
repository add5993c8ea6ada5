"""What users have set for themselves: to read it, and to change it."""

from typing import Annotated, TypedDict

from tachi.accounts.models import User, UserSettings

#: The settings by their names on the wire.
COLUMNS = {
    "invisible": "invisible",
    "developerMode": "developer_mode",
    "advancedMode": "advanced_mode",
    "contentiousContent": "contentious_content",
    "deletableScores": "deletable_scores",
}


class UserPreferences(TypedDict):
    """What a user wants of the site; false until it is set."""

    invisible: Annotated[bool, "`lastSeen` stays as it is, whatever the user does."]
    developerMode: bool
    advancedMode: bool
    contentiousContent: bool
    deletableScores: bool


class UserSettingsDocument(TypedDict):
    """A user's settings for the site."""

    userID: int
    following: Annotated[list[int], "Empty: nobody is followed here."]
    preferences: UserPreferences


def settings_of(user: User) -> UserSettings:
    """The user's settings, not saved where nothing is set."""
    found = UserSettings.objects.filter(user=user).first()
    return found or UserSettings(user=user)


def change_settings(user: User, **changes: bool) -> UserSettings:
    """Set some of the settings (columns of UserSettings); returns all."""
    settings, _ = UserSettings.objects.update_or_create(user=user, defaults=changes)
    return settings


def settings_document(settings: UserSettings) -> UserSettingsDocument:
    """The settings, as the wire has them."""
    return {
        "userID": settings.user_id,
        "following": [],
        "preferences": {
            "invisible": settings.invisible,
            "developerMode": settings.developer_mode,
            "advancedMode": settings.advanced_mode,
            "contentiousContent": settings.contentious_content,
            "deletableScores": settings.deletable_scores,
        },
    }
