"""JavaScript's numbers and texts, where Python's own differ in a digit.

The rules of the games, their score ids and their messages were fixed by programs
written in JavaScript. Whoever wants the same digits has to round and print as it does.
"""

import json
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from math import floor, nan
from sys import float_info
from typing import TypeGuard, overload

MAX_SAFE_INTEGER = 2**53 - 1
LARGEST = float_info.max

_COMPACT_SUFFIXES = ("", "K", "M", "B", "T")
_EXPONENT_FROM = 21
_EXPONENT_BELOW = -6
_DIGITS = re.compile(r"|[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


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


def compared(value: object) -> float:
    """What < and > take a value for: null is 0, digits are read, all else is NaN."""
    if type(value) is int or type(value) is float:
        return value
    if isinstance(value, str):
        digits = value.strip()
        return float(digits or 0) if _DIGITS.fullmatch(digits) else nan
    return int(value or 0) if value is None or isinstance(value, bool) else nan


@overload
def whole(value: float | None) -> float | None: ...
@overload
def whole(value: object) -> object: ...
def whole(value: object) -> object:
    """The value with every integral float in it, or in a list of it, made an int."""
    if type(value) is float:
        return int(value) if value.is_integer() else value
    if type(value) is list:
        return [
            int(each) if type(each) is float and each.is_integer() else each
            for each in value
        ]
    return value


def total(values: Iterable[float]) -> float:
    """The sum from left to right; Python's own sum corrects itself since 3.12."""
    result: float = 0
    for value in values:
        result += value
    return result


def round_half_up(value: float) -> int:
    """Math.round: the nearest integer, exact halves towards +infinity."""
    below = floor(value)
    return below if value - below < 0.5 else below + 1


def to_fixed(value: float, places: int) -> str:
    """Number.toFixed: ties of the exact binary value go away from zero."""
    if not is_finite(value) or abs(value) >= 10**_EXPONENT_FROM:
        return number_text(value)
    step = Decimal(1).scaleb(-places)
    text = str(Decimal(value).quantize(step, ROUND_HALF_UP))
    return text.removeprefix("-") if value == 0 else text


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
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    if isinstance(value, list):
        return ",".join("" if each is None else text(each) for each in value)
    return "[object Object]" if isinstance(value, dict) else str(value)


def json_text(value: object) -> str:
    """A text, number, boolean or null as JSON.stringify writes it, non-ASCII raw.

    Raises ValueError for anything else, and for numbers that are not finite.
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool) or is_finite(value):
        return text(value)
    raise ValueError(f"a stable form of {value!r}")


def utf16_length(string: str) -> int:
    """String.length: UTF-16 code units, so an emoji counts two."""
    return len(string.encode("utf-16-le", "surrogatepass")) // 2


def grouped(value: float) -> str:
    """toLocaleString("en"): comma thousands, at most three decimals."""
    rounded = _rounded(Decimal(repr(value)), 3)
    return f"{rounded.normalize():,f}" if rounded else "0"


def fixed(places: int) -> Callable[[float], str]:
    """A formatter of numbers with a fixed number of decimals."""
    return lambda value: to_fixed(value, places)


def percent(places: int) -> Callable[[float], str]:
    """A formatter of percentages with a fixed number of decimals."""
    return lambda value: f"{to_fixed(value, places)}%"


def compact(value: float) -> str:
    """English compact notation, 1234567 as "1.2M".

    Divide by a thousand until below it; two significant digits below a hundred, whole
    digits above; halves away from zero; what rounds to 1000 takes the next suffix.
    """
    scaled = Decimal(repr(value))
    for suffix in _COMPACT_SUFFIXES:
        rounded = _two_significant(scaled)
        if abs(rounded) < 1000 or suffix == _COMPACT_SUFFIXES[-1]:
            break
        scaled /= 1000
    return (f"{rounded.normalize():f}" if rounded else "0") + suffix


def _two_significant(value: Decimal) -> Decimal:
    if not value:
        return value
    return _rounded(value, max(0, 1 - value.adjusted()))


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
