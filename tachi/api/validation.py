"""Checks of bodies and queries, in the words that clients know.

    sent = validate(request.data, {"comment": nullable(string(3, 120))})

A violation is `[path] message (Received value)` with status 400.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from tachi.api.envelope import Refused

MISSING = object()
SAFE = 2**53 - 1  # the largest integer that JavaScript counts to


@dataclass(frozen=True)
class Problem:
    path: str
    message: str
    value: Any


@dataclass(frozen=True)
class Check:
    """One value's rule: a test, and what is said when it fails.

    `type_name` is set where the message is made of it, with `*` for optional and `?`
    for nullable; `each` is the rule of a list's items.
    """

    test: Callable[[Any], bool]
    message: str = ""
    type_name: str = ""
    may_miss: bool = False
    may_be_null: bool = False
    each: "Check | None" = None

    def problem(self, value: Any, path: str) -> Problem | None:
        """What is wrong with a value, which is MISSING where none was sent."""
        allowed = (value is MISSING and self.may_miss) or (
            value is None and self.may_be_null
        )
        if allowed:
            return None
        if value is MISSING or not self.test(value):
            return Problem(path, self.wording(), value)
        if self.each is None:
            return None
        items = enumerate(value)
        problems = (self.each.problem(item, f"{path}[{i}]") for i, item in items)
        return next(filter(None, problems), None)

    def wording(self) -> str:
        if not self.type_name:
            return self.message
        null, nothing = "?" * self.may_be_null, "*" * self.may_miss
        tail = " or null" * self.may_be_null + " or no value" * self.may_miss
        return f"Expected {nothing}{null}{self.type_name}{tail}."


def utf16_length(text: str) -> int:
    """Length as JavaScript counts: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    """A whole number that JavaScript holds exactly; 5.0 is one."""
    return is_number(value) and value == int(value) and abs(value) <= SAFE


boolean = Check(lambda value: isinstance(value, bool), type_name="boolean")
text = Check(lambda value: isinstance(value, str), type_name="string")


def string(least: int, most: int) -> Check:
    """A string of `least` to `most` UTF-16 units."""
    return Check(
        lambda value: isinstance(value, str) and least <= utf16_length(value) <= most,
        f"Expected a string with length between {least} and {most}.",
    )


def one_of(*values: Any) -> Check:
    """One of these values; true is not 1."""
    return Check(
        lambda value: not isinstance(value, bool) and value in values,
        f"Expected any of {', '.join(map(js_string, values))}.",
    )


def integer(least: int, most: int) -> Check:
    return Check(
        lambda value: is_integer(value) and least <= value <= most,
        f"Expected an integer between {least} and {most}.",
    )


def list_of(each: Check) -> Check:
    return Check(
        lambda value: isinstance(value, list), "Value was not an array.", each=each
    )


def that(test: Callable[[Any], bool], message: str) -> Check:
    """Any rule, with a message of its own."""
    return Check(test, message)


def optional(check: Check) -> Check:
    """The key may be absent; null is not absent."""
    return replace(check, may_miss=True)


def nullable(check: Check) -> Check:
    return replace(check, may_be_null=True)


def validate(
    sent: Mapping | list, rules: dict[str, Check], extra_keys_ok: bool = False
) -> dict[str, Any]:
    """What was sent of `rules`' keys, once it is right; absent keys stay absent.

    `sent` is a JSON body, of which an array counts as an object with the keys 0, 1,
    ..., or a query, in which a repeated key is a list. Raises Refused (400).
    """
    fields = as_object(sent)
    unexpected = [key for key in fields if key not in rules]
    if unexpected and not extra_keys_ok:
        message = f"Unexpected properties inside object: {', '.join(unexpected)}."
        raise refused(Problem("null", message, fields))
    for key, check in rules.items():
        problem = check.problem(fields.get(key, MISSING), key)
        if problem:
            raise refused(problem)
    return {key: fields[key] for key in rules if key in fields}


def as_object(sent: Mapping | list) -> dict[str, Any]:
    if isinstance(sent, list):
        return {str(i): item for i, item in enumerate(sent)}
    if isinstance(sent, QueryDict):
        lists = sent.lists()
        return {key: of[0] if len(of) == 1 else of for key, of in lists}
    return dict(sent)


def refused(problem: Problem) -> Refused:
    masked = problem.path.startswith("!")
    shown = received(problem.value, masked)
    return Refused(400, f"[{problem.path}] {problem.message}{shown}")


def received(value: Any, masked: bool = False) -> str:
    """` (Received value)`; nothing for what has no short form."""
    if value is MISSING:
        return " (Received nothing (undefined))"
    if value == "" or isinstance(value, dict | list):
        return ""
    shown = "****" if masked else js_string(value)
    if len(shown) >= 100:
        shown = shown[:97] + "..."
    return f" (Received {shown})"


def js_string(value: Any) -> str:
    """A value as JavaScript writes it into a text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
