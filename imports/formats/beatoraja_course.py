"""A course of beatoraja: whether it was cleared, and counts for a dan."""

from typing import Any

from imports.formats.base import ImportRefused
from imports.formats.beatoraja import LAMPS
from tachi.schema import Document, array, integer, one_of, string, that

CHARTS = 4
LONGEST_MD5 = 50
GAUGE = "GAUGE_"
NO_DANS = {"Failed", "NoPlay", "Easy", "LightAssistEasy", "AssistEasy"}


def _is_charts(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == CHARTS
        and all(isinstance(each, dict) for each in value)
        and all(isinstance(each.get("md5"), str) for each in value)
        and all(len(each["md5"]) <= LONGEST_MD5 for each in value)
    )


BODY = {
    "course": Document(
        {
            "charts": that(
                _is_charts,
                "Expected an array of 4 objects with MD5 properties.",
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "md5": {"type": "string", "maxLength": LONGEST_MD5}
                        },
                        "required": ["md5"],
                    },
                    "minItems": CHARTS,
                    "maxItems": CHARTS,
                },
            ),
            "constraint": array(string()),
        },
        open=True,
    ),
    "score": Document(
        {
            "clear": one_of(*LAMPS),
            "option": integer(),
            "lntype": one_of(0, 1, 2),
        },
        open=True,
    ),
}


def was_cleared(body: dict[str, Any]) -> bool:
    """Whether a course was cleared as a dan is: on no easier a gauge than usual."""
    return body["score"]["clear"] not in NO_DANS


def charts_of(body: dict[str, Any]) -> str:
    """The MD5s of a course, one after the other. Raises ImportRefused where it was
    played as no dan is.
    """
    constraint, score = body["course"]["constraint"], body["score"]
    if score["lntype"] != 0 or {"CN", "HCN"} & set(constraint):
        raise ImportRefused(
            "LN mode is the only supported mode for dans: this is lntype"
            f" {score['lntype']} with {', '.join(constraint) or 'no constraint'}."
        )
    if any(each.startswith(GAUGE) and each != "GAUGE_LR2" for each in constraint):
        raise ImportRefused(
            f"Dan GAUGE mode must be GAUGE_LR2: this is with {', '.join(constraint)}."
        )
    if score["option"] not in (0, 1):
        raise ImportRefused(
            "Dans have to be played without random, or on mirror (option 0 or 1): this"
            f" is option {score['option']}."
        )
    return "".join(chart["md5"] for chart in body["course"]["charts"])
