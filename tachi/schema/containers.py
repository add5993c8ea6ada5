"""Checks of objects and lists, and of what may be one thing or another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tachi.schema.check import Check, JSONSchema, Place, Test, Violation, listed
from tachi.schema.javascript import ABSENT

NOT_AN_OBJECT = (
    "Object does not match structure of schema,"
    " expected this location to have an object."
)
NOT_A_LIST = "Value was not an array."


@dataclass(frozen=True, eq=False)
class Document(Check):
    """An object with these keys; no others, unless `open`.

    What is wrong with the keys that it should have is told first, in their order here.
    """

    fields: Mapping[str, Check] = field(default_factory=dict)
    open: bool = False

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.fields)

    @cached_property
    def test(self) -> Test:
        # Called for every object in documents of ten thousand scores, so it goes by
        # the keys that are there: most of those that may be there are not.
        test_of = {name: each.test for name, each in self.fields.items()}.get
        nullable = frozenset(n for n, each in self.fields.items() if each.nullable)
        required = frozenset(n for n, each in self.fields.items() if not each.optional)
        accepts_others = self.open

        def test(value: Any) -> bool:
            if not isinstance(value, dict):
                return False
            for name, each in value.items():
                test = test_of(name)
                if test is None:
                    if not accepts_others:
                        return False
                elif not (test(each) or (each is None and name in nullable)):
                    return False
            return required <= value.keys()

        return test

    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(place, NOT_AN_OBJECT, value)
            return
        for name, check in self.fields.items():
            if name in value or not check.optional:
                each = value.get(name, ABSENT)
                yield from check.violations(each, (*place, name))
        unexpected = tuple(name for name in value if name not in self.fields)
        if unexpected and not self.open:
            message = f"Unexpected properties inside object: {', '.join(unexpected)}."
            yield Violation(place, message, value, unexpected, tuple(self.fields))

    def shape(self) -> JSONSchema:
        return {
            "type": "object",
            "properties": {
                name: each.json_schema() for name, each in self.fields.items()
            },
            "required": [n for n, each in self.fields.items() if not each.optional],
            "additionalProperties": self.open,
        }

    def asked_for(self) -> str:
        return "an object"


@dataclass(frozen=True, eq=False)
class Array(Check):
    """A list whose elements all pass one check."""

    each: Check

    @cached_property
    def test(self) -> Test:
        accepts = self.each.accepts
        return lambda value: isinstance(value, list) and all(map(accepts, value))

    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(place, NOT_A_LIST, value)
            return
        accepts = self.each.accepts
        for i, element in enumerate(value):
            if not accepts(element):
                yield from self.each.violations(element, (*place, i))

    def shape(self) -> JSONSchema:
        return {"type": "array", "items": self.each.json_schema()}

    def asked_for(self) -> str:
        return "a list"


@dataclass(frozen=True, eq=False)
class Tuple(Check):
    """A list of as many elements as there are checks, one for each."""

    checks: tuple[Check, ...]

    @cached_property
    def test(self) -> Test:
        tests = tuple(check.accepts for check in self.checks)
        return lambda value: (
            isinstance(value, list)
            and len(value) == len(tests)
            and all(accepts(each) for accepts, each in zip(tests, value, strict=True))
        )

    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        if not isinstance(value, list) or len(value) != len(self.checks):
            yield Violation(place, f"Expected {self.asked_for()}.", value)
        if isinstance(value, list) and len(value) >= len(self.checks):
            for i, (check, each) in enumerate(zip(self.checks, value, strict=False)):
                yield from check.violations(each, (*place, i))

    def shape(self) -> JSONSchema:
        return {
            "type": "array",
            "prefixItems": [check.json_schema() for check in self.checks],
            "items": False,
            "minItems": len(self.checks),
        }

    def asked_for(self) -> str:
        return f"a list of {len(self.checks)}"


@dataclass(frozen=True, eq=False)
class Either(Check):
    """What passes at least one of these checks."""

    checks: tuple[Check, ...]

    @cached_property
    def test(self) -> Test:
        tests = tuple(check.accepts for check in self.checks)
        return lambda value: any(accepts(value) for accepts in tests)

    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        if not self.test(value):
            yield Violation(place, f"Expected {self.asked_for()}.", value)

    def shape(self) -> JSONSchema:
        return {"anyOf": [check.json_schema() for check in self.checks]}

    def asked_for(self) -> str:
        return listed([check.asked_for() for check in self.checks])


def document(fields: Mapping[str, Check] | None = None, /, **named: Check) -> Document:
    """An object with these keys and no others; `fields` for odd keys."""
    return Document({**(fields or {}), **named})


def array(each: Check) -> Array:
    """A list of any length."""
    return Array(each)


def tuple_of(*checks: Check) -> Tuple:
    """A list of exactly these."""
    return Tuple(checks)


def either(*checks: Check) -> Either:
    """Whatever one of these allows."""
    return Either(checks)
