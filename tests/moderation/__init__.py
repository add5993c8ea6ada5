"""The moderation log, and what players are told."""
