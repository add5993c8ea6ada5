"""What does not hold yet, or is so on purpose: each with a reason, as narrow as can be.

Who mends one deletes its line: a line that nothing needs fails the test, too.
"""

from typing import NamedTuple


class Known(NamedTuple):
    """A fault of the walk: who meets it, on which route, with what, and the answer."""

    kinds: set[str]
    route: str
    what: str  # a part of it
    answer: str  # a part of it
    reason: str


STAFF = "Imports of staff need an administrator"
OF_WALKS = [
    Known(
        {"moderator"},
        "admin/imports/import/",
        "(all ticked)",
        STAFF,
        "Who ticks imports of staff among others is told so: a list has no other way.",
    ),
]
