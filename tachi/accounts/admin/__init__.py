"""Users, their groups and their API tokens in the admin."""

from tachi.accounts.admin import groups, tokens, users

__all__ = ["groups", "tokens", "users"]
