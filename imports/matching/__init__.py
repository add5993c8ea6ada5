"""What a source says → a Chart, for a whole import in a few queries.

Every thing that the rows of an import name is collected and looked up first
(`catalogue`); then each row is decided by the rule of its way of naming (`rules`
and `ways`).
"""

from imports.matching.match import match
from imports.matching.names import Name, NoMatch
from imports.matching.rules import MATCH_TYPES
from imports.matching.ways import FILE_TITLE

__all__ = ["FILE_TITLE", "MATCH_TYPES", "Name", "NoMatch", "match"]
