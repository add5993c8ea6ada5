"""One vocabulary for what may be sent: it judges, tells, and describes itself.

    COMMENT = string(3, 240).or_null().or_absent()
    SENT = document(scores=array(document(score=integer(0, 1000), comment=COMMENT)))

    SENT.accepts(body)       # whether it is right: the quick answer
    SENT.first(body)         # the first Violation or None: for a score of -1 its .path
                             # is "scores[0].score", its .value -1, its .message
                             # "Expected an integer between 0 and 1000."
    SENT.collect(body, 100)  # the first hundred, and how many more there are
    SENT.json_schema()       # JSON Schema, draft 2020-12

`.or_null()`: null will do, too; `.or_absent()`: the key may be missing. Numbers and
lengths are JavaScript's: 5.0 is an integer, true is not 1, an emoji is two units long.
No check costs more than a constant times the size of what was sent, and none recurses
deeper than the checks are nested. Wording that a wire binds beyond this is its user's.
"""

from tachi.schema.check import Check, Violation
from tachi.schema.containers import (
    NOT_A_LIST,
    Document,
    array,
    document,
    either,
    tuple_of,
)
from tachi.schema.javascript import ABSENT
from tachi.schema.values import (
    Value,
    boolean,
    integer,
    null,
    number,
    one_of,
    string,
    that,
)

__all__ = [
    "ABSENT",
    "NOT_A_LIST",
    "Check",
    "Document",
    "Value",
    "Violation",
    "array",
    "boolean",
    "document",
    "either",
    "integer",
    "null",
    "number",
    "one_of",
    "string",
    "that",
    "tuple_of",
]
