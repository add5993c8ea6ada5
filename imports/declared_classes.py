"""Classes that players declare through a hook, by themselves: a dan they have passed.

Such a declaration is an import of the hook's type, without scores, whose claim the
class is. So it is listed, and is reviewed and withdrawn like any other class.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from imports import once
from imports.formats.declared import DECLARED
from imports.models import UNFINISHED, Import, State
from imports.pipeline import Sent, require_allowed, submit
from scores.derived.game_stats import claimed_classes
from scores.games import get_game
from scores.models import ClassClaim


class NotDeclared(Exception):
    """The declaration could not be stored, with the import's status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class _Stands(Exception):
    """The hook has said so before, and nobody has withdrawn it."""


def declare(sent: Sent, gpt: str, class_set: str, value: str) -> bool:
    """Declare that a player has a class; whether that raises it.

    `sent` is the hook's request. A class below what the player has is stored as well:
    it counts when a moderator withdraws the higher one. What the same hook has said
    already, and nobody has withdrawn, leaves no import: so there are no more of them
    than there are classes. Raises NotDeclared, and as `imports.pipeline.submit`.
    """
    declaration = replace(sent, parameters={DECLARED: {gpt: {class_set: value}}})
    import_ = _sent_before(declaration)
    if import_ is None:
        unless = partial(_unless_it_stands, sent, gpt, class_set, value)
        try:
            require_allowed(sent)
            unless()
            # Once more where it is accepted: one after the other, of many at once.
            import_ = submit(replace(declaration, decide=unless), here=True)
        except _Stands:
            return False
    if import_.state not in (State.COMPLETED, *UNFINISHED):
        raise NotDeclared(*once.refusal_of(import_))
    if import_.state == State.COMPLETED:
        return bool(import_.class_deltas)
    # One that is not finished will be: the database is busy, or it was sent twice.
    claimed = claimed_classes(sent.user.pk, get_game(gpt)).get(class_set)
    classes = get_game(gpt).classes[class_set]
    return claimed is None or bool(classes.better(value, claimed))


def _sent_before(sent: Sent) -> Import | None:
    """The import of the request's key, if there is one. Raises `once.KeyReused`."""
    if not sent.key:
        return None
    try:
        once.refuse_what_was_sent(sent)
    except once.SentBefore as before:
        return before.import_
    return None


def _unless_it_stands(
    sent: Sent, gpt: str, class_set: str, value: str
) -> dict[str, Any]:
    """Raises _Stands if the player has a live claim on that very class by that hook."""
    claims = ClassClaim.objects.filter(
        user=sent.user,
        gpt=gpt,
        class_set=class_set,
        value=value,
        withdrawn_at=None,
        source_import__import_type=sent.import_type,
    )
    if claims.exists():
        raise _Stands
    return {}
