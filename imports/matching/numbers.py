"""Numbers in texts, as JavaScript reads them."""

import re

from scores.rules.javascript import MAX_SAFE_INTEGER, number_text

_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_PLAIN = re.compile(r"0|[1-9][0-9]{0,14}")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WITH_BASE = re.compile(r"0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_MOST_DIGITS = len(str(MAX_SAFE_INTEGER))
_INTEGER = re.compile(r"-?[0-9]+")


def canonical_number(text: str) -> str | None:
    """The finite number that Number(text) is, as JavaScript prints it, else None.

    Surrounding space does not count, nothing is 0, and "0x3e9" or "1.001e3" are 1001.
    """
    if _PLAIN.fullmatch(text):
        return text
    stripped = text.strip(_SPACE)
    try:
        if _WITH_BASE.fullmatch(stripped):
            return number_text(float(int(stripped, 0)))
        if not stripped or _DECIMAL.fullmatch(stripped):
            number = number_text(float(stripped or "0"))
            return None if "Infinity" in number else number
    except OverflowError:
        pass
    return None


def safe_integer(text: str) -> int | None:
    """The integer that a text of ASCII digits is, maybe with a minus; else None.

    Leading zeros do not count; beyond ±(2^53 - 1) there is none.
    """
    if len(text) < _MOST_DIGITS and text.isdigit() and text.isascii():
        return int(text)  # as most are
    if not _INTEGER.fullmatch(text):
        return None
    digits = text.removeprefix("-").lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS or int(digits) > MAX_SAFE_INTEGER:
        return None
    return -int(digits) if text.startswith("-") else int(digits)
