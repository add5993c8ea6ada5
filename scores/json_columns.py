"""JSON columns: reading them as text, and values to JSON text.

A column's text goes from the database to the wire unparsed: parsing 10,000 scores only
to write them out again is most of the cost of reading a big import.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

LARGEST = 2**63 - 1  # signed 64-bit integer


def json_text(column: str) -> Cast:
    """The JSON column as text, on both databases."""
    return Cast(column, TextField())


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with all `orjson.Fragment`s in it parsed."""
    return orjson.loads(orjson.dumps(document))


def dump_json(value: object) -> bytes:
    """The value as JSON; an integer beyond 64 bits as the float that it was sent as.

    PostgreSQL stores 1e300 as an integer of 301 digits and returns that, which orjson
    refuses.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_within_64_bits(value))


def _within_64_bits(value: object) -> object:
    if isinstance(value, dict):
        return {key: _within_64_bits(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_within_64_bits(each) for each in value]
    if isinstance(value, int) and abs(value) > LARGEST:
        return float(value)
    return value
