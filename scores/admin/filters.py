"""List filters of several lists."""

from scores.games import GAMES, PLAYTYPES
from tachi.admin.filters import ChoiceFilter, TextFilter


class GameFilter(ChoiceFilter):
    title = "game"
    parameter_name = "game"
    lookup = "game"
    values = [(game, game) for game in PLAYTYPES]


class GptFilter(ChoiceFilter):
    title = "game and playtype"
    parameter_name = "gpt"
    lookup = "gpt"
    values = [(gpt, gpt) for gpt in GAMES]


class ImportFilter(TextFilter):
    """By the import id, in full, of the import that the row is from."""

    title = "import"
    parameter_name = "import"
    lookup = "source_import__import_id"
    hint = "importID"
