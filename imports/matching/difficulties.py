"""Difficulties in another spelling: which one was meant, to tell whoever wrote it.

They are told and not taken: the contract has them exactly, and a guess could be wrong.
"""

from functools import cache

from imports.matching.names import NoMatch, invalid, quoted
from scores.rules.game import Game
from scores.seeds.titles import wide_title

NO_DIFFICULTY = "Missing 'difficulty' field, but was necessary for this lookup."
#: Words for one thing, among them the last part of the difficulties of one game or
#: another. Games have further short names of their own (`difficulty_shorthand`).
ALIKE = (
    ("BEGINNER", "BEG", "ビギナー"),
    ("EASY", "ESY", "イージー"),
    ("NORMAL", "NRM", "NOR", "ノーマル"),
    ("HYPER", "HYP", "ハイパー"),
    ("ANOTHER", "ANO", "ANT", "アナザー"),
    ("LEGGENDARIA", "LEG", "LGD", "BLACK ANOTHER", "レジェンダリア"),
    ("NOVICE", "NOV", "ノービス"),
    ("ADVANCED", "ADV", "アドバンスド", "アドバンス"),
    ("EXHAUST", "EXH", "エグゾースト"),
    ("INFINITE", "INF", "インフィニット"),
    ("GRAVITY", "GRV", "グラビティ"),
    ("HEAVENLY", "HVN", "ヘブンリー"),
    ("VIVID", "VVD", "ビビッド"),
    ("EXCEED", "XCD", "エクシード"),
    ("MAXIMUM", "MXM", "マキシマム"),
    ("ULTIMATE", "ULT", "アルティメット"),
    ("ULTIMA", "ULT", "アルティマ"),
    ("BASIC", "BAS", "BSC", "ベーシック"),
    ("HARD", "HRD", "ハード"),
    ("EXPERT", "EXP", "エキスパート"),
    ("MASTER", "MAS", "MST", "マスター"),
    ("RE:MASTER", "REMAS", "REM", "リマスター"),
    ("LUNATIC", "LUN", "ルナティック"),
    ("INFERNO", "INF", "インフェルノ"),
    ("EXTREME", "EXT", "エクストリーム"),
    ("DIFFICULT", "DIF", "DIFF", "ディフィカルト"),
    ("CHALLENGE", "CHA", "CHAL", "チャレンジ"),
    ("EX", "EXTRA"),
    ("GREEN", "GRN", "翠"),
    ("YELLOW", "YLW", "橙"),
    ("RED", "朱"),
    ("PAST", "PST"),
    ("PRESENT", "PRS"),
    ("FUTURE", "FTR"),
    ("BEYOND", "BYD", "BYN"),
)


def difficulty_problem(game: Game, difficulty: str | None) -> NoMatch | None:
    """What is wrong with the difficulty of a name, for the rules that need one."""
    if game.difficulties is None:
        return None if difficulty else invalid(NO_DIFFICULTY)
    if difficulty in game.difficulties:
        return None
    there_are = f"There are {', '.join(game.difficulties)}."
    if not difficulty:
        return invalid(f"{NO_DIFFICULTY} {there_are}")
    meant = difficulty_meant(game, difficulty)
    question = f" Did you mean {meant}?" if meant else ""
    return invalid(
        f"Invalid difficulty {quoted(difficulty)} for {game.display_name}.{question}"
        f" {there_are}"
    )


def difficulty_meant(game: Game, difficulty: str) -> str | None:
    """The difficulty of a game that another spelling stands for, if for one only."""
    return _spellings(game).get(_key(difficulty))


@cache
def _spellings(game: Game) -> dict[str, str | None]:
    """Every other spelling of the game's difficulties; None where it may be of two."""
    found: dict[str, str | None] = {}
    difficulties = game.difficulties or ()
    for difficulty in difficulties:
        for spelling in _others(game, difficulty):
            if found.setdefault(_key(spelling), difficulty) != difficulty:
                found[_key(spelling)] = None
    # What differs from one of them in case and signs only is that one.
    return found | {_key(difficulty): difficulty for difficulty in difficulties}


def _others(game: Game, difficulty: str) -> list[str]:
    before, _, last = difficulty.rpartition(" ")
    words = [
        word for words in ALIKE if _key(last) in map(_key, words) for word in words
    ]
    others = [f"{before} {word}" for word in words]
    if short := game.difficulty_shorthand.get(difficulty):
        others.append(short)
    return others + [f"{game.playtype} {each}" for each in (*others, difficulty)]


def _key(difficulty: str) -> str:
    """A difficulty without case, width, spaces and signs."""
    return "".join(filter(str.isalnum, wide_title(difficulty) or ""))
