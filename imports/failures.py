"""Why a row of an import made no score: the types of failures on the wire."""

from enum import StrEnum

#: How many failures an import lists, and keeps; its counts are of all of them.
MOST_LISTED = 1_000


class FailureType(StrEnum):
    """`type` in the `errors` of an import document (spec: api.md, import documents)."""

    #: The song or chart is not known (yet): the row is kept as an orphan.
    NOT_FOUND = "SongOrChartNotFound"
    #: As above, and the player has that orphan already.
    ORPHAN_EXISTS = "OrphanExists"
    INVALID = "InvalidDatapoint"
    AMBIGUOUS = "AmbiguousTitle"
    INTERNAL = "InternalError"
