"""Why a batch is not drafted, or not moved: errors with a status and a text."""

from imports.models import RevertBatch


class NotDraftable(ValueError):
    """Nothing can be selected like that; the text says why."""

    status = 400

    @property
    def text(self) -> str:
        return str(self)


class NotAllowed(Exception):
    """Whoever asks may not do that with these imports; the text says why."""

    status = 403

    @property
    def text(self) -> str:
        return str(self)


class NotPossible(Exception):
    """The batch is in no state for that; the text says in which it is."""

    status = 409

    @property
    def text(self) -> str:
        return str(self)


class Stale(NotPossible):
    """What was confirmed is not what would be done; `batch` is as it is now."""

    def __init__(self, text: str, batch: RevertBatch) -> None:
        super().__init__(text)
        self.batch = batch


class Incomplete(NotPossible):
    """A large batch lacks what it needs; the text says what."""

    status = 400
