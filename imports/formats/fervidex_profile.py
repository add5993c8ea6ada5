"""fervidex's profile: the best of every chart that the game keeps, and the dans.

The hook sends it at every login, and reads no answer: a row that cannot be costs itself
only. The scores are of no known time, and are read when they are wanted: always from
INFINITAS, otherwise when the player has asked for it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from imports.failures import FailureType
from imports.formats.base import (
    About,
    Draft,
    Failure,
    Field,
    Format,
    ImportRefused,
    Input,
    Parsed,
)
from imports.formats.fervidex import COUNT, DANS
from imports.formats.fervidex_charts import (
    CHARTS,
    LAMPS,
    UNTRACKED,
    VERSION,
    chart_name,
    version_in,
)
from imports.formats.hook_body import problem
from imports.formats.json_text import read_json
from imports.formats.outcomes import outcomes
from imports.formats.refusals import cut, quoted
from imports.matching import NoMatch
from imports.matching.in_game import InGame, charts_in_game
from imports.matching.numbers import safe_integer
from scores.models import Chart
from tachi.api.envelope import Problem
from tachi.schema import Document, integer
from tachi.schema.javascript import type_name

IMPORT_TYPE = "ir/fervidex-static"
SERVICE = "Fervidex Static"
DAN_KEYS = {"sp_dan": "iidx:SP", "dp_dan": "iidx:DP"}
DAN = integer(0, len(DANS) - 1)
UNKNOWN = -1  # misses of which the game knows nothing

SCORE = Document(
    {
        "ex_score": COUNT,
        "clear_type": integer(0, len(LAMPS) - 1),
        "miss_count": integer(UNKNOWN).or_null().or_absent(),
    },
    open=True,  # else one new key would cost every score
)


def parse(sent: Input) -> Parsed:
    """The dans and, with the parameter `scores`, the scores. Raises ImportRefused."""
    body = read_json(sent.payload)
    if not isinstance(body, dict):
        kind = type_name(body)
        raise ImportRefused(f"Invalid body: expected an object, and it is {kind}.")
    version = version_in(sent)
    wanted = sent.parameters.get("scores")
    return Parsed(
        game="iidx",
        entries=list(_entries(body.get("scores"))) if wanted else [],
        context={"version": version},
        service=SERVICE,
        classes={
            gpt: {"dan": DANS[int(body[key])]}
            for key, gpt in DAN_KEYS.items()
            if DAN.accepts(body.get(key))
        },
    )


def convert(entries: Sequence[dict], context: dict[str, Any]) -> list[Draft | Failure]:
    """A draft or failure for each best."""
    names = [_name(entry) for entry in entries]
    known = [name for name in names if isinstance(name, InGame)]
    found = iter(charts_in_game("iidx", context["version"], known))
    charts = (next(found) if isinstance(name, InGame) else name for name in names)
    return outcomes(entries, charts, _draft)


def _entries(scores: Any) -> Iterator[dict]:
    """One for each chart of each song, but BEGINNER. Raises ImportRefused."""
    if not isinstance(scores, dict):
        text = f"Expected an object of songs. Received {quoted(scores)}."
        problem_ = Problem(path="scores", message=text)
        raise ImportRefused(f"Invalid body: scores | {text}", problems=[problem_])
    for song, charts in scores.items():
        if not isinstance(charts, dict):
            yield {"entry_id": cut(song), "chart": None, "score": charts}
            continue
        for code, score in charts.items():
            if code not in UNTRACKED:
                yield {"entry_id": cut(song), "chart": cut(code), "score": score}


def _name(entry: dict) -> InGame | NoMatch:
    """What an entry calls its chart, or what is wrong with it."""
    number, code = safe_integer(entry["entry_id"]), entry["chart"]
    if number is None or number < 0:
        return _invalid(f"Invalid song {entry['entry_id']}: expected its number.")
    if code is None:
        return _invalid(f"The charts of song {number} are no object.")
    if wrong := problem(SCORE, entry["score"], f"Invalid score {number} {code}"):
        return _invalid(wrong)
    if code in CHARTS:
        return chart_name(code, number)
    # One day it may be a difficulty that this server knows.
    text = f"Cannot find chart {code} of song {number}: there is no such difficulty."
    return NoMatch(FailureType.NOT_FOUND, text)


def _invalid(message: str) -> NoMatch:
    return NoMatch(FailureType.INVALID, message)


def _draft(position: int, entry: dict, chart: Chart) -> Draft:
    score = entry["score"]
    misses = score.get("miss_count")
    return Draft(
        position=position,
        chart=chart,
        service=SERVICE,
        import_type=IMPORT_TYPE,
        comment=None,
        time_achieved=None,
        score_data={
            "score": score["ex_score"],
            "lamp": LAMPS[int(score["clear_type"])],
            "judgements": {},
            "optional": {"bp": None if misses == UNKNOWN else misses},
        },
        score_meta={},
    )


SAMPLE = """{
  "scores": {
    "1001": {
      "spa": {"ex_score": 1180, "clear_type": 4, "miss_count": 40},
      "spn": {"ex_score": 158, "clear_type": 7, "miss_count": 0}
    }
  },
  "sp_dan": 15
}
"""
FORMAT = Format(
    IMPORT_TYPE,
    parse,
    convert,
    about=About(
        title="fervidex, profile",
        asked=(
            VERSION,
            Field("scores", "any text, where the scores are meant and not only dans"),
        ),
        text="All bests that beatmania IIDX keeps of a player, and the dans, which"
        " fervidex sends at every login (POST /ir/fervidex/profile/submit). The scores"
        " count for INFINITAS, and otherwise once when forceStaticImport is set.",
        origin="fervidex, by itself. Set forceStaticImport at"
        " /api/v1/users/me/integrations/fervidex/settings.",
        fields=(
            Field("scores", "the song's number in the game, then spn, sph, spa, …"),
            Field("ex_score", "the score"),
            Field("clear_type", "0 NO PLAY to 7 FULL COMBO"),
            Field("miss_count", "bads and poors; -1, null or missing where unknown"),
            Field("sp_dan, dp_dan", "0, the 7th kyu, to 18, kaiden; else ignored"),
        ),
        sample=SAMPLE,
    ),
    games=("iidx",),
    servers=("kamai",),
)
