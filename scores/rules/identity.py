"""The id of a score: the same play sent twice, in any format, has the same id."""

from collections.abc import Callable, Iterable
from hashlib import sha256

from scores.rules.javascript import json_text
from scores.rules.problems import Impossible
from scores.rules.score_data import ScoreData, section

OPTIONAL = "optional."


def identifier(
    provided: Iterable[str], optional: Iterable[str]
) -> Callable[[int, str, ScoreData], str]:
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

    def identify(user_id: int, chart_id: str, score_data: ScoreData) -> str:
        own = {**score_data, "userID": user_id, "chartID": chart_id}
        optional_data = section(score_data, "optional")
        try:
            text = ",".join(
                prefix + json_text(optional_data.get(name) if name else own[key])
                for prefix, key, name in members
            )
            document = f"{{{text}}}".encode()
        except (KeyError, ValueError) as error:
            raise Impossible(
                "unhashable-value", f"No score id without {error}."
            ) from error
        return "T" + sha256(document).hexdigest()

    return identify
