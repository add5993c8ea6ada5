"""What is wrong with a score: a code to test by, and a sentence to show."""

from typing import NamedTuple


class Problem(NamedTuple):
    """A reason to reject a score."""

    code: str
    text: str


class Impossible(ValueError):
    """A value outside of what a formula is made for; `category` names the kind.

    A metric that cannot be derived rejects the score; a rating that cannot be
    calculated is none.
    """

    def __init__(self, category: str, explanation: str) -> None:
        super().__init__(explanation)
        self.category = category
