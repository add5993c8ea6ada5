"""What every check can do, and what it says when something is wrong."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Self

#: The way from the whole document to a value in it: keys, and indexes of lists.
Place = tuple[str | int, ...]
Test = Callable[[Any], bool]
JSONSchema = dict[str, Any]


class Violation(NamedTuple):
    """One thing that is wrong: where, what, and the value that is there.

    The value of a missing key is ABSENT. `unexpected` are the keys that should not be
    there, where that is what is wrong with an object. `known` is what may be there,
    words or keys, where that is a list.
    """

    place: Place
    message: str
    value: object
    unexpected: tuple[str, ...] = ()
    known: tuple[object, ...] = ()

    @property
    def path(self) -> str:
        """The place as senders read it, `scores[3].lamp`; "" for the whole document."""
        steps = (f"[{at}]" if isinstance(at, int) else f".{at}" for at in self.place)
        return "".join(steps).removeprefix(".")


@dataclass(frozen=True, eq=False, kw_only=True)
class Check(ABC):
    """The rule of one place in a document.

    `nullable`: null will do, too. `optional`: the key may be missing, where the place
    is in an object. A kind of check says what passes (`test`), what is wrong with what
    does not (`violations_at`) and how that reads as JSON Schema (`shape`); all of them
    leave null to this class.
    """

    nullable: bool = False
    optional: bool = False
    description: str = ""

    def or_null(self) -> Self:
        return replace(self, nullable=True)

    def or_absent(self) -> Self:
        return replace(self, optional=True)

    def described(self, description: str) -> Self:
        """The same check, with a description for whoever reads its JSON Schema."""
        return replace(self, description=description)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of an object; none where it is something else."""
        return frozenset()

    @cached_property
    def accepts(self) -> Test:
        """Whether a value is right: the quick answer, built at the first question."""
        test = self.test
        return (lambda value: value is None or test(value)) if self.nullable else test

    def first(self, value: object) -> Violation | None:
        """The first thing that is wrong with a value, or None."""
        return next(self.violations(value), None)

    def violations(self, value: object, place: Place = ()) -> Iterator[Violation]:
        """Everything that is wrong with the value of a place, from start to end.

        The value is ABSENT where there is none and one is wanted.
        """
        if value is None and self.nullable:
            return iter(())
        return self.violations_at(place, value)

    def collect(self, value: object, most: int) -> tuple[list[Violation], int]:
        """The first `most` violations, and how many there are besides."""
        violations = self.violations(value)
        return list(islice(violations, most)), sum(1 for _ in violations)

    def json_schema(self) -> JSONSchema:
        """The check as JSON Schema (draft 2020-12), a fresh document at each call.

        It tells the same documents right from wrong, but for texts with characters
        that are two UTF-16 code units: JSON Schema counts them as one.
        """
        schema = with_null(self.shape()) if self.nullable else dict(self.shape())
        if self.description:
            schema["description"] = self.description
        return schema

    @cached_property
    @abstractmethod
    def test(self) -> Test:
        """Whether a value that is not null is right. It never raises."""

    @abstractmethod
    def violations_at(self, place: Place, value: object) -> Iterator[Violation]:
        """What is wrong with a value that is not null, or is ABSENT."""

    @abstractmethod
    def shape(self) -> Mapping[str, Any]:
        """The JSON Schema of what passes `test`."""

    @abstractmethod
    def asked_for(self) -> str:
        """What passes, as part of a sentence: "a string"."""


def with_null(shape: Mapping[str, Any]) -> JSONSchema:
    """The JSON Schema of this, or null."""
    kind = shape.get("type")
    if not shape or kind == "null":
        return dict(shape)
    if not isinstance(kind, str) or "anyOf" in shape:
        return {"anyOf": [{**shape}, {"type": "null"}]}
    schema = {**shape, "type": [kind, "null"]}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def listed(parts: Sequence[str]) -> str:
    """Parts as a sentence lists them: "a string, null or no value"."""
    *others, last = parts
    return f"{', '.join(others)} or {last}" if others else last
