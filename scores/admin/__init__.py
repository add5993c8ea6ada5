"""Songs, charts, plays and what follows from them, for moderators."""

from scores.admin import catalogue, classes, plays

__all__ = ["catalogue", "classes", "plays"]
