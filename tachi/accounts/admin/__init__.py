"""Users and their API tokens in the admin."""

from tachi.accounts.admin import tokens, users

__all__ = ["tokens", "users"]
