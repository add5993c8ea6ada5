"""JSON text of values that may come from a database."""

import orjson

LARGEST = 2**63 - 1


def json_bytes(value: object) -> bytes:
    """The value as JSON; an integer beyond 64 bits as the float that it was sent as.

    PostgreSQL keeps 1e300 as a whole number of 301 digits, and gives that back.
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
