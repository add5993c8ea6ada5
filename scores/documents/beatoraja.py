"""The best plays on a chart, as beatoraja's plug-in reads them."""

from typing import TypedDict

from scores.documents.bests import RANKING
from scores.models import Chart, PersonalBest
from scores.rules.javascript import whole

MOST = 1_000  # players that are listed, best first
#: Indices of the game's lamps → beatoraja's, which has two kinds of assisted clears.
CLEARS = (0, 1, 3, 4, 5, 6, 7, 8)
COUNTS = ("egd", "lgd", "ebd", "lbd", "epr", "lpr", "ems", "lms")


class BeatorajaScore(TypedDict):
    """A player's best. The client reads every key blindly; 0 is not known.

    `epg` and `egr` are made up, so that the client computes the right EX score.
    """

    sha256: str
    player: str
    playcount: int
    clear: int
    date: int
    maxcombo: float
    gauge: float
    minbp: float
    notes: float
    passnotes: int
    deviceType: None
    random: None
    epg: int
    egr: int
    lpg: int
    lgr: int
    egd: float
    lgd: float
    ebd: float
    lbd: float
    epr: float
    lpr: float
    ems: float
    lms: float


def beatoraja_scores(chart: Chart, sha256: str, asked_by: int) -> list[BeatorajaScore]:
    """The bests on a chart, best first, at most `MOST`; one statement.

    The player of the user who asks is an empty text.
    """
    bests = PersonalBest.objects.filter(chart=chart).select_related("user")
    return [
        _document(chart, sha256, best, asked_by)
        for best in bests.order_by(*RANKING)[:MOST]
    ]


def _document(
    chart: Chart, sha256: str, best: PersonalBest, asked_by: int
) -> BeatorajaScore:
    data = best.score_data
    optional = data.get("optional", {})

    def known(name: str) -> float:
        return optional.get(name) or 0

    return {
        "sha256": sha256,
        "player": "" if best.user_id == asked_by else best.user.username,
        "playcount": 0,
        "clear": CLEARS[data["enumIndexes"]["lamp"]],
        "date": best.time_achieved or 0,
        "maxcombo": known("maxCombo"),
        "gauge": known("gauge"),
        "minbp": known("bp"),
        "notes": whole(chart.data.get("notecount") or 0),
        "passnotes": 0,
        "deviceType": None,
        "random": None,
        "epg": int(data["score"]) // 2,
        "egr": int(data["score"]) % 2,
        "lpg": 0,
        "lgr": 0,
        **{name: known(name) for name in COUNTS},  # type: ignore[typeddict-item]
    }
