from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from imports.matching.catalogue import Catalogue, Wanted
from imports.matching.names import Name, NoMatch
from imports.matching.rules import MATCH_TYPES, Question, unsupported
from imports.matching.titles import still_to_look_up
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
    question = Question(game, version or None, _catalogue(game, names))
    return [_answer(question, name) for name in names]


def _catalogue(game: Game, names: Sequence[Name]) -> Catalogue:
    """What the names that this game allows may mean.

    Titles are looked up again, more widely, where they have found no song.
    """
    allowed = [name for name in names if _allows(game, name)]
    by_title = [name for name in allowed if WAYS[name.match_type].titles]
    catalogue = Catalogue(game)
    wanted = _wanted(allowed)
    _add_titles(wanted, catalogue, by_title)
    while wanted:
        catalogue.look_up(wanted)
        wanted = defaultdict(set)
        _add_titles(wanted, catalogue, by_title)
    return catalogue


def _wanted(names: Iterable[Name]) -> Wanted:
    """Which values the names have of each kind of identifier."""
    wanted: Wanted = defaultdict(set)
    for name in names:
        way = WAYS[name.match_type]
        if way.kinds and (value := way.value(name.identifier)) is not None:
            for kind in way.kinds:
                wanted[kind].add(value)
    return wanted


def _add_titles(wanted: Wanted, catalogue: Catalogue, names: Iterable[Name]) -> None:
    for name in names:
        way = WAYS[name.match_type]
        if still := still_to_look_up(catalogue, name, way.titles, way.choose):
            kind, value = still
            wanted[kind].add(value)


def _answer(question: Question, name: Name) -> Chart | NoMatch:
    if not _allows(question.game, name):
        return unsupported(question.game, name)
    if name.version:
        question = replace(question, version=name.version)
    return WAYS[name.match_type].find(question, name)


def _allows(game: Game, name: Name) -> bool:
    return name.match_type in game.match_types or name.match_type not in MATCH_TYPES
