from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from imports.matching.catalogue import Catalogue, Wanted
from imports.matching.rules import (
    MATCH_TYPES,
    Name,
    NoMatch,
    Question,
    unknown_version,
    unsupported,
)
from imports.matching.ways import WAYS
from scores.models import Chart
from scores.rules.game import Game


def match(
    game: Game, version: str | None, names: Sequence[Name]
) -> list[Chart | NoMatch]:
    """The chart that each name means, or why there is none, in their order.

    A version reaches charts that are not primary and hides those it does not have; an
    empty one is none, and a name's own one counts instead. Where several charts fit,
    the first is meant (`listed_first`): a retired one only where no other fits.
    """
    question = Question(game, version or None, Catalogue(game, _wanted(game, names)))
    return [_answer(question, name) for name in names]


def _wanted(game: Game, names: Sequence[Name]) -> Wanted:
    """Which values the names that this game allows have of each kind of identifier."""
    wanted: Wanted = defaultdict(set)
    for name in names:
        if _allows(game, name):
            way = WAYS[name.match_type]
            value = way.value(name.identifier)
            if value is not None:
                for kind in way.kinds:
                    wanted[kind].add(value)
    return wanted


def _answer(question: Question, name: Name) -> Chart | NoMatch:
    if not _allows(question.game, name):
        return unsupported(question.game, name)
    if name.version:
        question = replace(question, version=name.version)
    find = WAYS[name.match_type].find
    found = find(question, name)
    if isinstance(found, Chart) or not question.asks_for_unknown_version():
        return found
    anyhow = find(replace(question, in_any_version=True), name)
    return unknown_version(question) if isinstance(anyhow, Chart) else found


def _allows(game: Game, name: Name) -> bool:
    return name.match_type in game.match_types or name.match_type not in MATCH_TYPES
