"""The rules of the games: pure Python, one module per game, one Game per playtype."""

from scores.games import (
    arcaea,
    bms,
    chunithm,
    ddr,
    gitadora,
    iidx,
    itg,
    jubeat,
    maimai,
    maimaidx,
    museca,
    ongeki,
    pms,
    popn,
    sdvx,
    usc,
    wacca,
)
from scores.rules.game import Game

MODULES = (  # in the order in which Tachi lists its games
    iidx,
    museca,
    sdvx,
    bms,
    chunithm,
    usc,
    wacca,
    popn,
    jubeat,
    pms,
    gitadora,
    maimai,
    maimaidx,
    itg,
    arcaea,
    ongeki,
    ddr,
)

GAMES: dict[str, Game] = {game.gpt: game for module in MODULES for game in module.GAMES}

PLAYTYPES: dict[str, tuple[str, ...]] = {
    game.name: game.playtypes for game in GAMES.values()
}


class UnknownGame(LookupError):
    """There are no rules for a game and playtype of this name."""


def get_game(gpt: str) -> Game:
    """The rules of "sdvx:Single". Raises UnknownGame."""
    try:
        return GAMES[gpt]
    except KeyError:
        raise UnknownGame(f"There is no game {gpt!r}.") from None
