"""What the permissions of API tokens are, in plain words."""

from tachi.accounts.models import Permission

WORDS: dict[str, str] = {
    Permission.SUBMIT_SCORE: "Send scores, cancel imports and try them again. A hook "
    "needs this, and nothing else.",
    Permission.DELETE_SCORE: "Delete scores; revert and restore imports.",
    Permission.CUSTOMISE_SCORE: "Comment on scores and highlight them.",
    Permission.CUSTOMISE_SESSION: "Name and describe sessions, and highlight them.",
    Permission.CUSTOMISE_PROFILE: "Change what you say of yourself.",
    Permission.MANAGE_CHALLENGES: "Of no use on this site yet: challenges.",
    Permission.MANAGE_RIVALS: "Of no use on this site yet: rivals.",
    Permission.MANAGE_TARGETS: "Of no use on this site yet: goals and quests.",
}
