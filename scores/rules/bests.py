"""Personal bests: the best play on a chart, with better values from other plays."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scores.rules.javascript import is_finite
from scores.rules.score_data import ScoreData, section

#: The score ratings of a play in the game's order.
Ratings = tuple[float | None, ...]


class Played(NamedTuple):
    """One play of a chart; `time_achieved` in unix milliseconds, None if not known."""

    score_id: str
    time_achieved: int | None
    highlight: bool
    score_data: ScoreData


class Best(NamedTuple):
    """`composed_from` names each play that gave something: [{"name", "scoreID"}]."""

    score_data: dict[str, object]
    ratings: Ratings
    time_achieved: int | None
    highlight: bool
    composed_from: list[dict[str, str]]


@dataclass(frozen=True)
class Merger:
    """Take `copies` from the play with the largest (or `smallest`) `metric`.

    Both are paths in score data: "score", "optional.bp", "enumIndexes.lamp" (which is
    compared only, never copied).
    """

    name: str
    metric: str
    copies: tuple[str, ...]
    smallest: bool = False


def value_at(score_data: ScoreData, path: str) -> object:
    """What stands at "score" or "optional.bp"; None where nothing does.

    Raises Impossible where "optional" is no object.
    """
    holder, _, name = path.rpartition(".")
    return (section(score_data, holder) if holder else score_data).get(name)


def base_of(scores: Iterable[Played], metric: str) -> Played | None:
    """The play with the largest metric.

    Of equals the timed, then the older, then by id.
    """
    return _first(
        (-value, score.time_achieved is None, *_age(score), score)
        for value, score in _having(scores, metric)
    )


def picked_by(merger: Merger, scores: Iterable[Played]) -> Played | None:
    """The play a merger copies from; None where none has its metric.

    Of equals the untimed, then the older, then by id: a play without a time counts as
    the oldest.
    """
    sign = 1 if merger.smallest else -1
    return _first(
        (sign * value, score.time_achieved is not None, *_age(score), score)
        for value, score in _having(scores, merger.metric)
    )


def merge(
    scores: Sequence[Played],
    base: tuple[str, str],
    mergers: Sequence[Merger],
    finish: Callable[[dict[str, object]], tuple[dict[str, object], Ratings]],
) -> Best | None:
    """The personal best of these plays of one chart; None without any.

    `base` is the metric that decides and the name it is listed by; `finish` puts the
    merged score data in order and rates it. Grades and other derived metrics stay with
    the play they came from unless a merger copies them.
    """
    metric, name = base
    best = base_of(scores, metric)
    if best is None:
        return None
    optional = dict(section(best.score_data, "optional"))
    data = {**best.score_data, "optional": optional}
    time, highlight = best.time_achieved, best.highlight
    composed_from = {best.score_id: name}
    # A single play has nothing to be merged with.
    for merger in mergers if len(scores) > 1 else ():
        picked = picked_by(merger, scores)
        if picked is None:
            continue
        _copy(merger, picked.score_data, data, optional)
        highlight = highlight or picked.highlight
        if time is not None and picked.time_achieved is not None:
            time = max(time, picked.time_achieved)
        composed_from.setdefault(picked.score_id, merger.name)
    listed = [{"name": name, "scoreID": id_} for id_, name in composed_from.items()]
    return Best(*finish(data), time, highlight, listed)


Row = tuple[float, bool, int, str, Played]


def _having(scores: Iterable[Played], metric: str) -> Iterator[tuple[float, Played]]:
    for score in scores:
        if is_finite(value := value_at(score.score_data, metric)):
            yield value, score


def _age(score: Played) -> tuple[int, str]:
    return score.time_achieved or 0, score.score_id


def _first(ordered: Iterable[Row]) -> Played | None:
    """The play at the end of the smallest row."""
    row = min(ordered, default=None)
    return row and row[-1]


def _copy(
    merger: Merger,
    picked: ScoreData,
    data: dict[str, object],
    optional: dict[str, object],
) -> None:
    """Make the merged values those of the picked play; gone where it has none."""
    for path in merger.copies:
        holder, _, name = path.rpartition(".")
        source = section(picked, holder) if holder else picked
        target = optional if holder else data
        if name in source:
            target[name] = source[name]
        else:
            target.pop(name, None)
