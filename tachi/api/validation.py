"""Checks of bodies and queries: the vocabulary of tachi.schema, as clients read it.

    sent = validate(request.data, {"comment": nullable(string(3, 120))})

A violation is `[path] message (Received value)` with status 400.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from tachi import schema
from tachi.api.envelope import Refused
from tachi.schema import ABSENT, Check, Document, Violation, one_of, string, that
from tachi.schema.javascript import text as javascript_text

__all__ = [
    "as_object",
    "boolean",
    "list_of",
    "nullable",
    "one_of",
    "optional",
    "string",
    "text",
    "that",
    "validate",
]

LONGEST_VALUE = 100

boolean = schema.boolean()
text = schema.string()
list_of = schema.array


def optional(check: Check) -> Check:
    """The key may be absent; null is not absent."""
    return check.or_absent()


def nullable(check: Check) -> Check:
    """Null will do, too."""
    return check.or_null()


def validate(
    sent: Mapping[str, Any] | list[Any],
    rules: Mapping[str, Check],
    extra_keys_ok: bool = False,
) -> dict[str, Any]:
    """What was sent of `rules`' keys, once it is right; absent keys stay absent.

    `sent` is a JSON body, of which an array counts as an object with the keys 0, 1,
    ..., or a query, in which a repeated key is a list. Raises Refused (400).
    """
    fields = as_object(sent)
    violation = Document(rules, open=extra_keys_ok).first(fields)
    if violation:
        raise Refused(400, description(violation))
    return {key: fields[key] for key in rules if key in fields}


def as_object(sent: Mapping[str, Any] | list[Any]) -> dict[str, Any]:
    """The fields of a body or a query, by name."""
    if isinstance(sent, list):
        return {str(i): item for i, item in enumerate(sent)}
    if isinstance(sent, QueryDict):
        lists = sent.lists()
        return {key: of[0] if len(of) == 1 else of for key, of in lists}
    return dict(sent)


def description(violation: Violation) -> str:
    """The violation as a client reads it."""
    path = violation.path or "null"
    shown = _received(violation.value, masked=path.startswith("!"))
    return f"[{path}] {violation.message}{shown}"


def _received(value: object, masked: bool) -> str:
    """` (Received value)`; nothing for what has no short form."""
    if value is ABSENT:
        return " (Received nothing (undefined))"
    if value == "" or isinstance(value, dict | list):
        return ""
    shown = "****" if masked else javascript_text(value)
    if len(shown) >= LONGEST_VALUE:
        shown = f"{shown[: LONGEST_VALUE - 3]}..."
    return f" (Received {shown})"
