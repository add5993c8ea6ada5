"""The ways of naming a chart that BATCH-MANUAL knows, and what each means.

The order of the checks in each rule is the order in which senders see them fail.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from imports.failures import FailureType
from imports.matching.catalogue import SONG_ID, Catalogue, SongRow
from imports.matching.numbers import canonical_number, safe_integer
from scores.models import Chart, listed_first
from scores.rules.game import Game
from scores.seeds.identifiers import TITLE, fold

NO_DIFFICULTY = "Missing 'difficulty' field, but was necessary for this lookup."
INTERNAL_TEXT = "An internal service error has occured."
ANY_INF = "ANY_INF"
INFINITE_DIFFICULTIES = ("INF", "GRV", "HVN", "VVD", "XCD")


class Name(NamedTuple):
    """What a row of an import calls its chart."""

    match_type: str
    identifier: str
    difficulty: str | None = None
    artist: str | None = None
    version: str | None = None  # where it is not that of the whole import


class NoMatch(NamedTuple):
    """Why a name means no chart: a failure type of the wire, and a message."""

    type: FailureType
    message: str


@dataclass(frozen=True, slots=True)
class Question:
    """What all names of an import are asked about."""

    game: Game
    version: str | None
    catalogue: Catalogue
    in_any_version: bool = False

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

    def asks_for_unknown_version(self) -> bool:
        """Whether the version is ahead of the game as it is known here."""
        return self.version is not None and self.version not in self.game.versions

    def _in_version(self, chart: Chart) -> bool:
        if self.in_any_version:
            return True
        if self.version is None:
            return chart.is_primary
        return self.version in chart.versions


Outcome = Chart | NoMatch


@dataclass(frozen=True, slots=True)
class MatchType:
    """Which identifiers a name of this type is looked up by, and the rule for it.

    `value` makes an identifier what is stored; None is found nowhere.
    """

    kinds: tuple[str, ...]
    value: Callable[[str], str | None]
    find: Callable[[Question, Name], Outcome]


def unsupported(game: Game, name: Name) -> NoMatch:
    """The answer to a name whose match type the game does not have."""
    refused = f"Cannot use matchType {name.match_type} for {game.display_name}."
    if name.match_type == "inGameID" and "sdvxInGameID" in game.match_types:
        return invalid(f"{refused} Use 'sdvxInGameID' instead.")
    return invalid(f"{refused} Expected any of {', '.join(game.match_types)}.")


def unknown_version(question: Question) -> NoMatch:
    """The answer to a name that means a chart, in a version that is not known yet."""
    versions = ", ".join(question.game.versions) or "none"
    return not_found(
        f"Unknown version {question.version} of {question.game.display_name}."
        f" There are: {versions}."
    )


def _by_song_id(question: Question, name: Name) -> Outcome:
    value = _song_id(name.identifier)
    if value is None:
        number = safe_integer(name.identifier)
        why = "Not an integer" if number is None else "Was negative"
        return invalid(
            "Invalid songID - must be a stringified positive integer."
            f" ({why} -- {name.identifier}.)"
        )
    songs = question.catalogue.songs(SONG_ID, value)
    if not songs:
        return not_found(f"Cannot find song with songID {value}.")
    return chart_of_song(question, name, songs[0])


def _by_title(question: Question, name: Name) -> Outcome:
    songs = question.catalogue.songs(TITLE, fold(name.identifier))
    return question.of_listed_first(
        songs, lambda some: _so_called(question, name, some)
    )


def _so_called(question: Question, name: Name, songs: list[SongRow]) -> Outcome:
    if name.artist:
        artist = fold(name.artist)
        songs = [song for song in songs if fold(song.artist) == artist]
    if not songs:
        return not_found(f"Cannot find song with title {name.identifier}.")
    if len(songs) > 1:
        return NoMatch(
            FailureType.AMBIGUOUS,
            f"Multiple songs exist with the case-insensitive title {name.identifier}."
            " We cannot resolve this. Please try adding an artist field.",
        )
    return chart_of_song(question, name, songs[0])


def _by_ddr_song_hash(question: Question, name: Name) -> Outcome:
    refused = difficulty_problem(question.game, name.difficulty)
    if refused:
        return refused
    songs = question.catalogue.songs("ddrSongHash", name.identifier)
    if not songs:
        return not_found(f"Cannot find song with ddrSongHash {name.identifier}.")
    if not question.catalogue.charts_of(songs[0]):
        return NoMatch(FailureType.INTERNAL, INTERNAL_TEXT)
    return question.of_listed_first(
        songs, lambda some: chart_of_song(question, name, some[0])
    )


def chart_of_song(question: Question, name: Name, song: SongRow) -> Outcome:
    game, difficulty = question.game, name.difficulty
    refused = difficulty_problem(game, difficulty)
    if refused:
        return refused
    chart = question.pick(question.catalogue.charts_of(song), (difficulty,))
    wanted = f"{song.title} ({game.playtype} {difficulty})"
    return chart or not_found(f"Cannot find chart for {wanted}")


def _by_in_game_id(question: Question, name: Name) -> Outcome:
    refused = difficulty_problem(question.game, name.difficulty)
    if refused:
        return refused
    charts = _charts(question, name)
    chart = question.pick(charts, (name.difficulty,))
    return chart or not_found(f"Cannot find chart with {_in_game(question, name)}")


def _by_sdvx_in_game_id(question: Question, name: Name) -> Outcome:
    difficulties: Collection[str | None] = (name.difficulty,)
    if name.difficulty == ANY_INF:
        difficulties = INFINITE_DIFFICULTIES
    else:
        refused = difficulty_problem(question.game, name.difficulty)
        if refused:
            return refused
    chart = question.pick(_charts(question, name), difficulties)
    wanted = _in_game(question, name)
    return chart or not_found(f"Cannot find SDVX chart with {wanted}")


def _by_bms_hash(question: Question, name: Name) -> Outcome:
    charts = _charts(question, name)
    if not charts:
        return not_found(f"Cannot find chart for hash {name.identifier}.")
    chart = _first_of_playtype(question, charts)
    return chart or invalid(
        f"Chart {name.identifier} is a {charts[0].playtype} chart, but this import is"
        f" for {question.game.playtype}."
    )


def _by_hash(question: Question, name: Name) -> Outcome:
    chart = _first_of_playtype(question, _charts(question, name))
    return chart or not_found(f"Cannot find chart for hash {name.identifier}.")


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


def difficulty_problem(game: Game, difficulty: str | None) -> NoMatch | None:
    if not difficulty:
        return invalid(NO_DIFFICULTY)
    if game.difficulties is None or difficulty in game.difficulties:
        return None
    expected = ", ".join(game.difficulties)
    return invalid(
        f"Invalid Difficulty for {game.name} {game.playtype}"
        f" - Expected any of {expected} (Got {difficulty})"
    )


def _in_game(question: Question, name: Name) -> str:
    return (
        f"inGameID {name.identifier}, difficulty {name.difficulty}"
        f" and version {question.version or 'null'}."
    )


def invalid(message: str) -> NoMatch:
    return NoMatch(FailureType.INVALID, message)


def not_found(message: str) -> NoMatch:
    return NoMatch(FailureType.NOT_FOUND, message)


def _song_id(identifier: str) -> str | None:
    """The digits without leading zeros; None for a negative number or none at all."""
    number = safe_integer(identifier)
    return None if number is None or number < 0 else str(number)


MATCH_TYPES = {
    "songTitle": MatchType((TITLE,), fold, _by_title),
    "tachiSongID": MatchType((SONG_ID,), _song_id, _by_song_id),
    "bmsChartHash": MatchType(("hashMD5", "hashSHA256"), str, _by_bms_hash),
    "itgChartHash": MatchType(("hashGSv3",), str, _by_hash),
    "sdvxInGameID": MatchType(("inGameID",), canonical_number, _by_sdvx_in_game_id),
    "inGameID": MatchType(("inGameID",), canonical_number, _by_in_game_id),
    "inGameStrID": MatchType(("inGameStrID",), str, _by_in_game_id),
    "uscChartHash": MatchType(("hashSHA1",), str, _by_hash),
    "popnChartHash": MatchType(("hashSHA256",), str, _by_hash),
    "ddrSongHash": MatchType(("ddrSongHash",), str, _by_ddr_song_hash),
}
