"""The ways of naming a chart that BATCH-MANUAL knows, and what each means.

The order of the checks in each rule is the order in which senders see them fail.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from imports.failures import FailureType
from imports.matching.catalogue import SONG_ID, Catalogue, SongRow
from imports.matching.difficulties import difficulty_problem
from imports.matching.names import Name, NoMatch, invalid, not_found, quoted
from imports.matching.numbers import canonical_number, safe_integer
from imports.matching.titles import (
    WRITTEN,
    Choose,
    Comparison,
    no_song,
    of_artist,
    several_songs,
    songs_titled,
    titled_exactly,
)
from imports.matching.versions import in_order, not_in_version
from scores.models import Chart, listed_first
from scores.rules.game import Game
from scores.seeds.identifiers import as_hash

INTERNAL_TEXT = "An internal service error has occured."
ANY_INF = "ANY_INF"
INFINITE_DIFFICULTIES = ("INF", "GRV", "HVN", "VVD", "XCD")


@dataclass(frozen=True, slots=True)
class Question:
    """What all names of an import are asked about."""

    game: Game
    version: str | None
    catalogue: Catalogue

    def pick(
        self, charts: Iterable[Chart], difficulties: Collection[str | None]
    ) -> Chart | None:
        """The first chart of this playtype, these difficulties and the version."""
        for chart in charts:
            if (
                chart.difficulty in difficulties
                and chart.playtype == self.game.playtype
                and self._in_version(chart)
            ):
                return chart
        return None

    def missing(
        self, charts: Iterable[Chart], difficulties: Collection[str | None], called: str
    ) -> NoMatch:
        """The answer where none of a song's charts is picked; what the chart is called.

        It says what there is instead: other versions, or other difficulties.
        """
        ours = [each for each in charts if each.playtype == self.game.playtype]
        others = [each for each in ours if each.difficulty in difficulties]
        if others:
            return not_in_version(self.game, self.version, others, called)
        there = in_order(self.game.difficulties, {each.difficulty for each in ours})
        instead = f": there are {', '.join(there)}" if there else ""
        return not_found(f"Cannot find chart {called}{instead}.")

    def of_listed_first(
        self, songs: list[SongRow], decide: Callable[[list[SongRow]], "Outcome"]
    ) -> "Outcome":
        """What a rule decides of the songs of one name.

        Songs of which all charts are retired do not make a name ambiguous, and are
        asked only where the others do not have the chart.
        """
        if len(songs) < 2:
            return decide(songs)
        retired = [song for song in songs if self.catalogue.is_retired(song)]
        if len(retired) in (0, len(songs)):
            return decide(songs)
        found = decide([song for song in songs if song not in retired])
        if isinstance(found, Chart) or found.type != FailureType.NOT_FOUND:
            return found
        of_retired = decide(retired)
        return of_retired if isinstance(of_retired, Chart) else found

    def _in_version(self, chart: Chart) -> bool:
        if self.version is None:
            return chart.is_primary
        return self.version in chart.versions


Outcome = Chart | NoMatch


@dataclass(frozen=True, slots=True)
class MatchType:
    """Which identifiers a name of this type is looked up by, and the rule for it.

    `value` makes an identifier what is stored; None is found nowhere. A type that names
    songs by titles says instead how it compares them and which songs it chooses.
    """

    kinds: tuple[str, ...]
    value: Callable[[str], str | None]
    find: Callable[[Question, Name], Outcome]
    titles: tuple[Comparison, ...] = ()
    choose: Choose = of_artist


def unsupported(game: Game, name: Name) -> NoMatch:
    """The answer to a name whose match type the game does not have."""
    refused = f"Cannot use matchType {name.match_type} for {game.display_name}."
    if name.match_type == "inGameID" and "sdvxInGameID" in game.match_types:
        return invalid(f"{refused} Use 'sdvxInGameID' instead.")
    return invalid(f"{refused} Expected any of {', '.join(game.match_types)}.")


def _by_song_id(question: Question, name: Name) -> Outcome:
    value = _song_id(name.identifier)
    if value is None:
        number = safe_integer(name.identifier)
        why = "Not an integer" if number is None else "Was negative"
        return invalid(
            "Invalid songID - must be a stringified positive integer."
            f" ({why} -- {quoted(name.identifier)}.)"
        )
    songs = question.catalogue.songs(SONG_ID, value)
    if not songs:
        return not_found(f"Cannot find song with songID {value}.")
    return chart_of_song(question, name, songs[0])


def _by_title(question: Question, name: Name) -> Outcome:
    catalogue = question.catalogue
    songs = songs_titled(catalogue, name, WRITTEN, of_artist)
    if not songs:
        return no_song(catalogue, name, WRITTEN)
    return question.of_listed_first(
        songs, lambda some: the_song(question, name, titled_exactly(some, name))
    )


def _by_ddr_song_hash(question: Question, name: Name) -> Outcome:
    refused = difficulty_problem(question.game, name.difficulty)
    if refused:
        return refused
    songs = question.catalogue.songs("ddrSongHash", name.identifier)
    if not songs:
        return not_found(
            f"Cannot find song with ddrSongHash {quoted(name.identifier)}."
        )
    if not question.catalogue.charts_of(songs[0]):
        return NoMatch(FailureType.INTERNAL, INTERNAL_TEXT)
    return question.of_listed_first(
        songs, lambda some: chart_of_song(question, name, some[0])
    )


def the_song(question: Question, name: Name, songs: Sequence[SongRow]) -> Outcome:
    """The chart of the only song; of several, nobody knows which is meant."""
    if len(songs) > 1:
        return several_songs(question.game, name, songs)
    return chart_of_song(question, name, songs[0])


def chart_of_song(question: Question, name: Name, song: SongRow) -> Outcome:
    game = question.game
    refused = difficulty_problem(game, name.difficulty)
    if refused:
        return refused
    charts, difficulties = question.catalogue.charts_of(song), (name.difficulty,)
    if chart := question.pick(charts, difficulties):
        return chart
    called = f"of {quoted(song.title)} ({game.playtype} {name.difficulty})"
    return question.missing(charts, difficulties, called)


def _by_in_game_id(question: Question, name: Name) -> Outcome:
    refused = difficulty_problem(question.game, name.difficulty)
    return refused or _in_game(question, name, (name.difficulty,))


def _by_sdvx_in_game_id(question: Question, name: Name) -> Outcome:
    if name.difficulty == ANY_INF:
        return _in_game(question, name, INFINITE_DIFFICULTIES)
    return _by_in_game_id(question, name)


def _in_game(
    question: Question, name: Name, difficulties: Collection[str | None]
) -> Outcome:
    charts = _charts(question, name)
    if chart := question.pick(charts, difficulties):
        return chart
    wanted = f"{MATCH_TYPES[name.match_type].kinds[0]} {quoted(name.identifier)}"
    called = f"with {wanted} ({question.game.playtype} {name.difficulty})"
    return question.missing(charts, difficulties, called)


def _by_bms_hash(question: Question, name: Name) -> Outcome:
    charts = _charts(question, name)
    if not charts:
        return not_found(f"Cannot find chart for hash {quoted(name.identifier)}.")
    chart = _first_of_playtype(question, charts)
    return chart or invalid(
        f"Chart {quoted(name.identifier)} is a {charts[0].playtype} chart, but this"
        f" import is for {question.game.playtype}."
    )


def _by_hash(question: Question, name: Name) -> Outcome:
    chart = _first_of_playtype(question, _charts(question, name))
    return chart or not_found(f"Cannot find chart for hash {quoted(name.identifier)}.")


def _charts(question: Question, name: Name) -> list[Chart]:
    """All charts that carry the identifier, `listed_first`."""
    match_type = MATCH_TYPES[name.match_type]
    value = match_type.value(name.identifier)
    if value is None:
        return []
    found = [
        chart
        for kind in match_type.kinds
        for chart in question.catalogue.charts(kind, value)
    ]
    return found if len(match_type.kinds) == 1 else sorted(found, key=listed_first)


def _first_of_playtype(question: Question, charts: list[Chart]) -> Chart | None:
    playtype = question.game.playtype
    return next((chart for chart in charts if chart.playtype == playtype), None)


def _song_id(identifier: str) -> str | None:
    """The digits without leading zeros; None for a negative number or none at all."""
    number = safe_integer(identifier)
    return None if number is None or number < 0 else str(number)


MATCH_TYPES = {
    "songTitle": MatchType((), str, _by_title, WRITTEN),
    "tachiSongID": MatchType((SONG_ID,), _song_id, _by_song_id),
    "bmsChartHash": MatchType(("hashMD5", "hashSHA256"), as_hash, _by_bms_hash),
    "itgChartHash": MatchType(("hashGSv3",), as_hash, _by_hash),
    "sdvxInGameID": MatchType(("inGameID",), canonical_number, _by_sdvx_in_game_id),
    "inGameID": MatchType(("inGameID",), canonical_number, _by_in_game_id),
    "inGameStrID": MatchType(("inGameStrID",), str, _by_in_game_id),
    "uscChartHash": MatchType(("hashSHA1",), as_hash, _by_hash),
    "popnChartHash": MatchType(("hashSHA256",), as_hash, _by_hash),
    "ddrSongHash": MatchType(("ddrSongHash",), str, _by_ddr_song_hash),
}
