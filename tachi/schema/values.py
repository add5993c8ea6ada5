"""Checks of single values: texts, numbers, booleans, one of a few."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any

from tachi.schema.check import Check, JSONSchema, Place, Test, Violation, listed
from tachi.schema.javascript import (
    ABSENT,
    LARGEST,
    MAX_SAFE_INTEGER,
    is_longer,
    is_number,
    number_text,
    text,
    utf16_length,
)


@dataclass(frozen=True, eq=False)
class Value(Check):
    """A value that passes a test, and the message for one that does not.

    The tests are asked about anything that JSON can hold, and never raise. With a
    `noun` ("a string"), the message names null and "no value" where they will do, too.
    `before` is a check that comes first and has its own message.
    """

    passes: Test
    message: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    noun: str = ""
    before: "Value | None" = None

    def and_that(
        self, passes: Test, message: str, schema: Mapping[str, Any] | None = None
    ) -> "Value":
        """A further test of what passes this one, with a message of its own."""
        return replace(
            self,
            passes=passes,
            message=message,
            schema=schema or {},
            noun="",
            before=self,
        )

    @cached_property
    def test(self) -> Test:
        passes = self.passes
        if self.before is None:
            return passes
        passes_before = self.before.test
        return lambda value: passes_before(value) and passes(value)

    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        if value is not ABSENT and self.test(value):
            return
        known = tuple(self.schema.get("enum", ()))
        yield self._earlier(place, value) or Violation(
            place, self._wording(), value, known=known
        )

    def shape(self) -> JSONSchema:
        before = self.before.shape() if self.before else {}
        return {**before, **deepcopy(dict(self.schema))}

    def asked_for(self) -> str:
        return self.noun or self.message.removeprefix("Expected ").removesuffix(".")

    def _earlier(self, place: Place, value: object) -> Violation | None:
        """What the check that comes first says; null and no value are as here."""
        if self.before is None:
            return None
        before = replace(self.before, nullable=self.nullable, optional=self.optional)
        return next(before.violations_at(place, value), None)

    def _wording(self) -> str:
        others = ["null"] * self.nullable + ["no value"] * self.optional
        if not (self.noun and others):
            return self.message
        return f"Expected {listed([self.noun, *others])}."


def that(passes: Test, message: str, schema: Mapping[str, Any] | None = None) -> Value:
    """Any rule, with its message and, where there is one, its JSON Schema."""
    return Value(passes, message, schema or {})


def boolean() -> Value:
    """True or false; not 0 or 1."""
    return Value(
        lambda value: isinstance(value, bool),
        "Expected boolean.",
        {"type": "boolean"},
        "a boolean",
    )


def null() -> Value:
    """Null, as one of several things that a place may hold."""
    return Value(lambda value: value is None, "Expected null.", {"type": "null"})


def string(least: int | None = None, most: int | None = None) -> Value:
    """A text: any, one of at most `most` UTF-16 code units, or of `least` to `most`."""
    if most is None:
        return Value(
            lambda value: isinstance(value, str),
            "Expected string.",
            {"type": "string"},
            "a string",
        )
    longest = {
        "maxLength": most,
        "$comment": "Lengths count UTF-16 code units: an emoji is two.",
    }
    if least is None:
        return string().and_that(
            lambda value: not is_longer(value, most),
            f"Expected a string of at most {most} characters.",
            longest,
        )
    return Value(
        lambda value: (
            isinstance(value, str)
            and not is_longer(value, most)
            and utf16_length(value) >= least
        ),
        f"Expected a string with length between {least} and {most}.",
        {"type": "string", "minLength": least, **longest},
    )


def one_of(*values: str | int) -> Value:
    """One of these; 1.0 is 1, true is not."""
    message = f"Expected any of {', '.join(map(text, values))}."
    schema: JSONSchema = {"enum": list(dict.fromkeys(values))}
    words = frozenset(value for value in values if isinstance(value, str))
    if words.issuperset(values):
        return Value(
            lambda value: type(value) is str and value in words,
            message,
            {"type": "string", **schema},
        )
    return Value(
        lambda value: not isinstance(value, bool) and value in values, message, schema
    )


def number(
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
) -> Value:
    """A number; `minimum` and `maximum` are themselves allowed, `above` is not."""
    low = -LARGEST if minimum is None else minimum
    high = LARGEST if maximum is None else maximum
    beyond = -inf if above is None else above
    limits = {"minimum": minimum, "maximum": maximum, "exclusiveMinimum": above}
    return Value(
        lambda value: is_number(value) and low <= value <= high and value > beyond,
        f"Expected a number{_range(minimum, maximum, above)}.",
        {"type": "number", **_given(limits)},
    )


def integer(
    minimum: int | None = None, maximum: int | None = None, above: int | None = None
) -> Value:
    """A whole number that JavaScript holds exactly; 5.0 is one."""
    low = -MAX_SAFE_INTEGER if minimum is None else minimum
    low = low if above is None else max(low, above + 1)
    high = MAX_SAFE_INTEGER if maximum is None else maximum

    def passes(value: object) -> bool:
        if type(value) is int:
            return low <= value <= high
        return type(value) is float and value.is_integer() and low <= value <= high

    return Value(
        passes,
        f"Expected an integer{_range(minimum, maximum, above)}.",
        {"type": "integer", "minimum": low, "maximum": high},
    )


def _range(minimum: float | None, maximum: float | None, above: float | None) -> str:
    if minimum is not None and maximum is not None and above is None:
        return f" between {number_text(minimum)} and {number_text(maximum)}"
    limits = {"above": above, "at least": minimum, "at most": maximum}
    given = [f"{words} {number_text(each)}" for words, each in _given(limits).items()]
    return f" that is {' and '.join(given)}" if given else ""


def _given(limits: Mapping[str, float | None]) -> dict[str, float]:
    return {name: limit for name, limit in limits.items() if limit is not None}
