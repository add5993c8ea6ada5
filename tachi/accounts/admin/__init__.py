"""Users, their groups, settings and API tokens in the admin."""

from tachi.accounts.admin import groups, settings, tokens, users

__all__ = ["groups", "settings", "tokens", "users"]
