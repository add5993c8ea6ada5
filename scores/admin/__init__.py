"""Songs, charts, scores and what is derived from them, for moderators."""

from scores.admin import catalogue, plays

__all__ = ["catalogue", "plays"]
