"""Rules of ours, read from the database, by which declared differences are judged."""

from itertools import groupby, pairwise

from scores.games import GAMES
from scores.models import Score, Session
from tests.golden.steps import walk

GAP = 2 * 60 * 60 * 1000


def sessions_follow_the_rule() -> bool:
    """Neighbours at most two hours apart, and only they, are in one session."""
    timed = Score.objects.filter(time_achieved__isnull=False)
    rows = timed.order_by("user", "gpt", "time_achieved")
    found = rows.values_list("user", "gpt", "time_achieved", "session")
    for _, played in groupby(found, key=lambda row: row[:2]):
        played = list(played)
        for (*_, earlier, one), (*_, later, other) in pairwise(played):
            if (later - earlier <= GAP) != (one == other):
                return False
    return not Score.objects.filter(time_achieved=None).exclude(session=None).exists()


def breaks_the_rule(state: dict) -> bool:
    """Whether recorded sessions are others than those of scores two hours apart."""
    if "scores" not in state and "scoreTimes" not in state:
        return False
    times = state.get("scoreTimes") or {
        score["scoreID"]: (score["game"], score["playtype"], score["timeAchieved"])
        for score in state["scores"]
    }
    timed = sorted(
        ((when if isinstance(when, tuple) else ("", "", when)), id_)
        for id_, when in times.items()
        if (when[2] if isinstance(when, tuple) else when) is not None
    )
    groups: list[set[str]] = []
    last = None
    for (*gpt, when), id_ in timed:
        if last is None or last[0] != gpt or when - last[1] > GAP:
            groups.append(set())
        groups[-1].add(id_)
        last = gpt, when
    recorded = [set(session["scoreIDs"]) for session in state["sessions"]]
    return sorted(map(sorted, groups)) != sorted(map(sorted, recorded))


def bounds_are_those_of_scores() -> bool:
    """A session begins with its first score and ends with its last."""
    for session in Session.objects.all():
        times = session.scores.order_by("time_achieved")
        found = list(times.values_list("time_achieved", flat=True))
        if not found or [found[0], found[-1]] != [
            session.time_started,
            session.time_ended,
        ]:
            return False
    return True


def is_a_tie(their_best: dict, our_best: dict) -> bool:
    """Whether their first scores are equal, and ours is first: timed, older, by id."""
    ids = [best["composedFrom"][0]["scoreID"] for best in (their_best, our_best)]
    scores = Score.objects.in_bulk(ids, field_name="score_id")
    if len(scores) != 2:
        return False
    first, second = (scores[id_] for id_ in ids)
    metric = GAMES[second.gpt].default_metric
    equal = first.score_data[metric] == second.score_data[metric]
    return equal and _order(second) < _order(first)


def ties(theirs: object, ours: object) -> frozenset[tuple]:
    """The (chart, user) of bests that begin with another of two equal scores."""
    recorded, stored = (
        {(d["chartID"], d["userID"]): d for d in walk(side) if "composedFrom" in d}
        for side in (theirs, ours)
    )
    return frozenset(
        key
        for key in recorded.keys() & stored.keys()
        if is_a_tie(*(side[key] for side in (recorded, stored)))
    )


def _order(score: Score) -> tuple:
    return score.time_achieved is None, score.time_achieved, score.score_id
