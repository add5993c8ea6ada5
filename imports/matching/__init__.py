"""What a source says → a Chart, for a whole import in a few queries.

Every thing that the rows of an import name is collected and looked up first
(`catalogue`); then each row is decided by the rules of its match type (`rules`).
"""

from imports.matching.match import match
from imports.matching.rules import MATCH_TYPES, Name, NoMatch

__all__ = ["MATCH_TYPES", "Name", "NoMatch", "match"]
