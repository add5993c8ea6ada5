"""JSON values as JavaScript sees them, which most senders are written in.

What is a number, which integers are exact, how long a text is, and how a value prints.
"""

from collections.abc import Iterator
from decimal import Decimal
from sys import float_info
from typing import TypeGuard

MAX_SAFE_INTEGER = 2**53 - 1
LARGEST = float_info.max

_EXPONENT_FROM = 21
_EXPONENT_BELOW = -6


class Absent:
    """The type of ABSENT, JavaScript's undefined: a document has no value there."""

    def __repr__(self) -> str:
        return "undefined"


ABSENT = Absent()


def is_number(value: object) -> TypeGuard[float]:
    """Whether JavaScript calls this a number; NaN is one, a boolean is not."""
    return type(value) is int or type(value) is float


def is_finite(value: object) -> TypeGuard[float]:
    """Whether this is a number that JavaScript can hold and that is not infinite."""
    return is_number(value) and -LARGEST <= value <= LARGEST


def is_safe_integer(value: object) -> TypeGuard[float]:
    """Whether this is a whole number within ±(2^53 - 1); 5.0 is one."""
    if type(value) is float:
        return value.is_integer() and abs(value) <= MAX_SAFE_INTEGER
    return type(value) is int and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER


def utf16_length(string: str) -> int:
    """String.length: UTF-16 code units, so an emoji counts two."""
    return len(string.encode("utf-16-le", "surrogatepass")) // 2


def is_longer(string: str, most: int) -> bool:
    """Whether a text has more than `most` code units; quick where it is far longer."""
    return len(string) > most or utf16_length(string) > most


def number_text(value: float) -> str:
    """String(number): 100 for 100.0, exponents only below 1e-6 or from 1e21."""
    if type(value) is int and abs(value) <= MAX_SAFE_INTEGER:
        return str(value)
    if not is_finite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    digits = Decimal(repr(float(value))).normalize()
    exponent = digits.adjusted()
    if _EXPONENT_BELOW - 1 < exponent < _EXPONENT_FROM:
        return f"{digits:f}"
    mantissa = digits.scaleb(-exponent)
    return f"{mantissa:f}e{exponent:+d}"


def text(value: object) -> str:
    """String(value) of anything JSON can hold, as messages quote what they received."""
    if isinstance(value, list):
        return ",".join(_leaf_texts(value))
    return _leaf_text(value)


def beginning(value: object, most: int) -> str:
    """At least the first `most` characters of a value's text, where it has so many.

    Of a list no more is printed than that takes: it may hold millions of numbers.
    """
    if not isinstance(value, list):
        return _leaf_text(value)
    length, parts = 0, []
    for each in _leaf_texts(value):
        parts.append(each)
        length += len(each) + 1
        if length > most:
            break
    return ",".join(parts)


def type_name(value: object) -> str:
    """What JavaScript's typeof says, but "null" for null."""
    if value is None:
        return "null"
    for name, types in _TYPE_NAMES:
        if isinstance(value, types):
            return name
    return "object"


_TYPE_NAMES: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("boolean", bool),
    ("number", (int, float)),
    ("string", str),
    ("undefined", Absent),
)


def _leaf_text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    return "[object Object]" if isinstance(value, dict) else str(value)


def _leaf_texts(values: list[object]) -> Iterator[str]:
    """The texts of a list's elements, at whatever depth; null and [] have none.

    Without recursion: a sender decides how deep lists are nested.
    """
    waiting: list[object] = [values]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list) and each:
            waiting.extend(reversed(each))
        else:
            yield "" if each is None or each == [] else _leaf_text(each)
