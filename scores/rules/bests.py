"""Personal bests: the best play on a chart, with what was better in others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scores.rules.javascript import is_number


class Played(NamedTuple):
    """One play of a chart; `time_achieved` in unix milliseconds, None if not known."""

    score_id: str
    time_achieved: int | None
    highlight: bool
    score_data: dict


class Best(NamedTuple):
    """`composed_from` names each play that gave something: [{"name", "scoreID"}]."""

    score_data: dict
    ratings: tuple[float | None, ...]
    time_achieved: int | None
    highlight: bool
    composed_from: list[dict]


@dataclass(frozen=True)
class Merger:
    """Take `copies` from the play with the largest (or `smallest`) `metric`.

    Metrics are paths in score data: "score", "optional.bp", "enumIndexes.lamp".
    """

    name: str
    metric: str
    copies: tuple[str, ...]
    smallest: bool = False


def played_before(scores: Iterable[Played], time: int | None) -> list[Played]:
    """The plays known to be before this time; all of them for None."""
    if time is None:
        return list(scores)
    return [
        score
        for score in scores
        if score.time_achieved is not None and score.time_achieved < time
    ]


def value_at(score_data: dict, path: str) -> object:
    """What stands at "score" or "optional.bp"; None where nothing does."""
    section, _, name = path.rpartition(".")
    return (score_data.get(section, {}) if section else score_data).get(name)


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

    Of equals the untimed, then the older, then by id: a play without a time was there
    before anybody kept times.
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
    finish: Callable[[dict], tuple[dict, tuple]],
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
    data = {**best.score_data, "optional": {**best.score_data["optional"]}}
    time, highlight = best.time_achieved, best.highlight
    composed_from = {best.score_id: name}
    # A play alone gives all there is to give to itself.
    for merger in mergers if len(scores) > 1 else ():
        picked = picked_by(merger, scores)
        if picked is None:
            continue
        for path in merger.copies:
            _copy(picked.score_data, data, path)
        highlight = highlight or picked.highlight
        if time is not None and picked.time_achieved is not None:
            time = max(time, picked.time_achieved)
        composed_from.setdefault(picked.score_id, merger.name)
    listed = [{"name": name, "scoreID": id_} for id_, name in composed_from.items()]
    return Best(*finish(data), time, highlight, listed)


def _having(scores: Iterable[Played], metric: str) -> Iterator[tuple[float, Played]]:
    for score in scores:
        if is_number(value := value_at(score.score_data, metric)):
            yield value, score


def _age(score: Played) -> tuple[int, str]:
    return score.time_achieved or 0, score.score_id


def _first(ordered: Iterable[tuple]) -> Played | None:
    """The play at the end of the smallest row."""
    return min(ordered, default=(None,))[-1]


def _copy(source: dict, target: dict, path: str) -> None:
    """Make the target's value the source's; gone where the source has none."""
    section, _, name = path.rpartition(".")
    if section:
        source, target = source[section], target[section]
    if name in source:
        target[name] = source[name]
    else:
        target.pop(name, None)
