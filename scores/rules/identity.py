"""The id of a score: the same play sent twice, by whatever way, is one score."""

from collections.abc import Callable, Iterable
from hashlib import sha256

from scores.rules.errors import Impossible
from scores.rules.javascript import json_text

OPTIONAL = "optional."


def identifier(
    provided: Iterable[str], optional: Iterable[str]
) -> Callable[[int, str, dict], str]:
    """A function of (user id, chart id, score data): "T" and 64 hexadecimal digits.

    They are the SHA-256 of a JSON object without spaces, keys sorted by code unit: the
    user, the chart, these provided metrics, and these optional ones, null where absent.
    The function raises Impossible where a provided metric is missing or not finite.
    """
    keys = sorted(
        ["userID", "chartID", *provided, *(OPTIONAL + name for name in optional)]
    )
    members = [
        (f"{json_text(key)}:", key, key.partition(OPTIONAL)[2] or None) for key in keys
    ]

    def identify(user_id: int, chart_id: str, score_data: dict) -> str:
        own = {**score_data, "userID": user_id, "chartID": chart_id}
        optional_data = score_data.get("optional") or {}
        try:
            text = ",".join(
                prefix + json_text(optional_data.get(name) if name else own[key])
                for prefix, key, name in members
            )
        except (KeyError, ValueError) as error:
            raise Impossible(
                "unhashable-value", f"No score id without {error}."
            ) from error
        return "T" + sha256(f"{{{text}}}".encode()).hexdigest()

    return identify
