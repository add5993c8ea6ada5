"""Classes that players declare through a hook, by themselves: a dan they have passed.

Such a declaration is an import of the hook's type, without scores, whose claim the
class is. So it is listed, and is reviewed and withdrawn like any other class.
"""

from dataclasses import replace

from imports.formats.declared import DECLARED
from imports.models import State
from imports.pipeline import Sent, submit
from scores.derived.game_stats import claimed_classes
from scores.games import get_game


class NotDeclared(Exception):
    """The declaration could not be stored, with the import's status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def declare(sent: Sent, gpt: str, class_set: str, value: str) -> bool:
    """Declare that a player has a class; whether that raises it.

    `sent` is the hook's request. A class that is not above what the player has claimed
    already says nothing new, and leaves no import. Raises NotDeclared, and as
    `imports.pipeline.submit`.
    """
    game = get_game(gpt)
    claimed = claimed_classes(sent.user.pk, game).get(class_set)
    if claimed is not None and not game.classes[class_set].better(value, claimed):
        return False
    declared = {gpt: {class_set: value}}
    import_ = submit(replace(sent, parameters={DECLARED: declared}), here=True)
    if import_.state in (State.COMPLETED, State.QUEUED, State.RUNNING):
        return True  # one that is queued will run: the database is busy
    raise NotDeclared(import_.error_status or 500, import_.error_text)
