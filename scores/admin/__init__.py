"""Songs, charts, scores and what is derived from them, for moderators."""

from scores.admin import catalogue, classes, plays

__all__ = ["catalogue", "classes", "plays"]
