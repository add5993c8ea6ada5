"""The moderation log, and what players were told, in the admin."""

from tachi.moderation.admin import log, notifications

__all__ = ["log", "notifications"]
