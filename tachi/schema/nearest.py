"""The word that somebody meant who wrote another."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 60  # characters of a word; what is longer is none
LEAST = 3  # letters of which one word may be the beginning of the other
_NO_LETTERS = re.compile(r"[\W_]+")


def nearest(sent: object, known: Iterable[object]) -> str | None:
    """Of the words that are known, the one that differs least from what was sent:
    in case, width or marks, in its ending, or by a slip. None where none is near.
    """
    if not isinstance(sent, str) or not 0 < len(sent) <= LONGEST:
        return None
    words = {_folded(word): word for word in known if isinstance(word, str) and word}
    wanted = _folded(sent)
    if wanted in words:
        return words[wanted]
    longer = [word for word in words if _begin_alike(word, wanted)]
    if len(longer) == 1:
        return words[longer[0]]
    close = get_close_matches(wanted, words, 1, 0.75)
    return words[close[0]] if close else None


def _begin_alike(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= LEAST and (
        one.startswith(other) or other.startswith(one)
    )


def _folded(word: str) -> str:
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", word).casefold())
