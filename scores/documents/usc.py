"""Scores as unnamed-sdvx-clone reads them, by the USC-IR protocol."""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, TypedDict

from scores.documents.bests import RANKING, ranks_of
from scores.models import Chart, PersonalBest, Score

NEIGHBOURS = 3  # on either side


class ServerScore(TypedDict):
    """A player's best on a chart."""

    score: int
    lamp: Annotated[int, "1 failed, 2 clear, 3 excessive, 4 UC, 5 PUC."]
    timestamp: Annotated[int, "Unix seconds; 0 where it is not known."]
    crit: int
    near: int
    error: int
    ranking: int
    gaugeMod: Literal["NORMAL", "HARD", "PERMISSIVE"]
    noteMod: Literal["NORMAL", "MIRROR", "RANDOM", "MIR-RAN"]
    username: str


class Standing(TypedDict):
    """A player's best after a play, the record, and who is just above and below."""

    score: ServerScore
    serverRecord: ServerScore
    adjacentAbove: Annotated[
        list[ServerScore], "By rising rank, at most 3, without the record."
    ]
    adjacentBelow: Annotated[list[ServerScore], "By rising rank, at most 3."]
    isPB: Annotated[bool, "Whether the play is the player's best."]
    isServerRecord: Annotated[bool, "Whether the play is the record."]
    sendReplay: Annotated[str, "The identifier to send the play's replay under."]


class Ranked(NamedTuple):
    rank: int
    best: PersonalBest


def leaderboard(chart: Chart, size: int) -> list[ServerScore]:
    """The best players of a chart, the best first; two statements."""
    return _documents(_page(chart, 0, size))


def standing(score: Score) -> Standing | None:
    """Where a play has put its player; None where it is gone. At most five statements.

    A play that is the best one is so again when it is sent twice.
    """
    own = PersonalBest.objects.filter(user=score.user_id, chart=score.chart_id)
    pk = own.values_list("pk", flat=True).first()
    if pk is None or (found := ranks_of([pk]).get(pk)) is None:
        return None
    first = max(found[0] - NEIGHBOURS, 1)
    page = _page(score.chart_id, first - 1, found[0] + NEIGHBOURS)
    if first > 1:
        page = [*_page(score.chart_id, 0, 1), *page]
    documents = {each["ranking"]: each for each in _documents(page)}
    his = {each.best.user_id: each for each in page}
    if score.user_id not in his:  # others have just passed him by several ranks
        return None
    rank, best = his[score.user_id]
    is_best = best.composed_from[0]["scoreID"] == score.score_id
    return {
        "score": documents[rank],
        "serverRecord": documents[1],
        "adjacentAbove": [documents[at] for at in range(max(first, 2), rank)],
        "adjacentBelow": [documents[at] for at in sorted(documents) if at > rank],
        "isPB": is_best,
        "isServerRecord": is_best and rank == 1,
        "sendReplay": score.score_id,
    }


def record(chart: Chart) -> ServerScore | None:
    """The best player's; None where nobody has played it. Two statements."""
    return next(iter(leaderboard(chart, 1)), None)


def _page(chart: Chart | int, start: int, end: int) -> list[Ranked]:
    bests = PersonalBest.objects.filter(chart=chart).select_related("user")
    page = bests.order_by(*RANKING)[start:end]
    return [Ranked(rank, best) for rank, best in enumerate(page, start + 1)]


def _documents(page: Sequence[Ranked]) -> list[ServerScore]:
    ids = [best.composed_from[0]["scoreID"] for _, best in page]
    scores = Score.objects.filter(score_id__in=ids)
    metas = dict(scores.values_list("score_id", "score_meta"))
    return [
        _document(each, metas.get(score_id, {}))
        for each, score_id in zip(page, ids, strict=True)
    ]


def _document(ranked: Ranked, meta: dict) -> ServerScore:
    best = ranked.best
    judgements = best.score_data.get("judgements", {})
    crit, near, error = (
        int(judgements.get(name) or 0) for name in ("critical", "near", "miss")
    )
    return {
        "score": int(best.score_data["score"]),
        "lamp": best.score_data["enumIndexes"]["lamp"] + 1,
        "timestamp": (best.time_achieved or 0) // 1000,
        "crit": crit,
        "near": near,
        "error": error,
        "ranking": ranked.rank,
        "gaugeMod": meta.get("gaugeMod") or "NORMAL",
        "noteMod": meta.get("noteMod") or "NORMAL",
        "username": best.user.username,
    }
