"""How a chart is written. A game with its own way passes its own functions to Game.

Every function takes the game first; charts have `level`, `difficulty`, `versions` and
`is_primary`, songs `title`.
"""


def difficulty_text(game, chart) -> str:
    """ "MXM 17", and "SP ANOTHER 12" where a game has several playtypes."""
    return f"{_playtype(game)}{chart.difficulty} {chart.level}"


def short_difficulty_text(game, chart) -> str:
    """ "A 12", "SPA 12"."""
    playtype = game.playtype if len(game.playtypes) > 1 else ""
    return f"{playtype}{shorthand(game, chart)} {chart.level}"


def chart_text(game, song, chart, short: bool = False) -> str:
    """ "Title (MXM 17)"; a chart that is not primary also says its first version."""
    difficulty = shorthand(game, chart) if short else chart.difficulty
    return titled(song, chart, f"{_playtype(game)}{difficulty} {chart.level}")


def titled(song, chart, difficulty: str) -> str:
    """The title with a difficulty that has been written already."""
    if chart.is_primary or not chart.versions:
        return f"{song.title} ({difficulty})"
    return f"{song.title} ({difficulty} {chart.versions[0]})"


def shorthand(game, chart) -> str:
    """The difficulty's short name, or its own where it has none."""
    return game.difficulty_shorthand.get(chart.difficulty, chart.difficulty)


def _playtype(game) -> str:
    return f"{game.playtype} " if len(game.playtypes) > 1 else ""
