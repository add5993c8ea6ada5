"""The former name of `rerate_scores`, for scripts that call it so."""

from scores.management.commands.rerate_scores import Command

__all__ = ["Command"]
