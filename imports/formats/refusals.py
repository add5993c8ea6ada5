"""What is wrong with a document that is refused, as its sender reads it."""

from tachi.schema import Violation
from tachi.schema.javascript import beginning, type_name

LONGEST_TEXT = 2_000  # characters of what a sender is told of a document or a row


def cut(told: str) -> str:
    """A text, with an ellipsis for its end where it is too long."""
    return told if len(told) <= LONGEST_TEXT else f"{told[: LONGEST_TEXT - 3]}..."


def description(foreword: str, violation: Violation) -> str:
    """`foreword: path | message | Received value [type: t].`, cut where it is endless.

    Lists and objects are not quoted.
    """
    parts = [violation.path or "null", violation.message]
    if not isinstance(violation.value, dict | list):
        parts.append(f"Received {quoted(violation.value)}")
    return cut(f"{foreword}: {' | '.join(parts)}.")


def quoted(value: object) -> str:
    """A value and its type."""
    return f"{cut(beginning(value, LONGEST_TEXT + 1))} [type: {type_name(value)}]"
