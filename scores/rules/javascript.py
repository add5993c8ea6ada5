"""JavaScript's numbers and texts, where Python's own differ in a digit.

The rules of the games, their score ids and their messages were fixed by programs
written in JavaScript. Whoever wants the same digits has to round and print as it does.
What checks need of it, too, is in `tachi.schema.javascript`, and games find it here.
"""

import json
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from math import floor, nan
from typing import overload

from tachi.schema.javascript import (
    MAX_SAFE_INTEGER,
    is_finite,
    is_number,
    is_safe_integer,
    number_text,
    text,
)

__all__ = [
    "MAX_SAFE_INTEGER",
    "compact",
    "fixed",
    "grouped",
    "is_finite",
    "is_number",
    "is_safe_integer",
    "json_text",
    "number_text",
    "percent",
    "round_half_up",
    "text",
    "to_fixed",
    "total",
    "whole",
]

_COMPACT_SUFFIXES = ("", "K", "M", "B", "T")
_EXPONENT_FROM = 21
_DIGITS = re.compile(r"|[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def compared(value: object) -> float:
    """What < and > take a value for: null is 0, digits are read, all else is NaN."""
    if type(value) is int or type(value) is float:
        return value
    if isinstance(value, str):
        digits = value.strip()
        return float(digits or 0) if _DIGITS.fullmatch(digits) else nan
    return int(value or 0) if value is None or isinstance(value, bool) else nan


@overload
def whole(value: float) -> float: ...
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


def json_text(value: object) -> str:
    """A text, number, boolean or null as JSON.stringify writes it, non-ASCII raw.

    Raises ValueError for anything else, and for numbers that are not finite.
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool) or is_finite(value):
        return text(value)
    raise ValueError(f"a stable form of {value!r}")


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
