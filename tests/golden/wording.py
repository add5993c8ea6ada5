"""Texts are free to word, but for the literals that clients and tests match."""

import re

LITERALS = [
    re.compile(pattern)
    for pattern in (
        r"^Endpoint Not Found\.$",
        r"Invalid Authorization Type - Expected Bearer",
        r"Invalid token",
        r"The provided API token does not correspond with any key in the database",
        r"customise_profile|customise_score|customise_session|delete_score"
        r"|manage_challenges|manage_rivals|manage_targets|submit_score",
        r"You are not authorised",
        r"^\[[^\]]+\]",
        r"Invalid (game|playtype) '[^']*'",
        r"attempting reauthentication",
        # What is wrong with a BATCH-MANUAL and with a score, word for word.
        r"(?s)^Invalid BATCH-MANUAL: .*$",
        r"(?s)^Got \d+ errors? when validating score:.*$",
        r"(?s)^Invalid value (for|of) .*$",
    )
]


def says_the_same(theirs: object, ours: object) -> bool:
    """Whether our text keeps every literal of theirs."""
    if not (isinstance(theirs, str) and isinstance(ours, str)):
        return False
    literals = [match[0] for each in LITERALS for match in each.finditer(theirs)]
    return all(literal in ours for literal in literals)
