"""Which orphan is the same as another: one entry, told in the same circumstances."""

import json
from hashlib import sha256
from typing import Any

from scores.rules.javascript import text

_quoted = json.JSONEncoder(ensure_ascii=False).encode


def orphan_id(import_type: str, data: Any, context: dict, user_id: int) -> str:
    """ "O" and the SHA-256 of entry, context, import type and user, as 64 hex digits.

    The order of keys does not count, everything else does.
    """
    identity = {
        "importType": import_type,
        "data": data,
        "context": context,
        "userID": user_id,
    }
    return "O" + sha256(_stable_json(identity).encode()).hexdigest()


def _stable_json(value: Any) -> str:
    """JSON as JavaScript writes it, with sorted keys and without spaces."""
    if isinstance(value, dict):
        members = (f"{_quoted(k)}:{_stable_json(value[k])}" for k in _sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_stable_json, value)) + "]"
    return _quoted(value) if isinstance(value, str) else text(value)


def _sorted(keys: dict) -> list[str]:
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))
