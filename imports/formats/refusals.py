"""What is wrong with a document that is refused, as its sender reads it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tachi.api.envelope import Problem
from tachi.encodings import NotUnicode, as_utf8
from tachi.schema import ABSENT, Violation
from tachi.schema.javascript import beginning, type_name
from tachi.schema.nearest import nearest

LONGEST_TEXT = 2_000  # characters of what a sender is told of a document or a row
LONGEST_PROBLEM = 1_000  # characters of one problem of many
MOST_PROBLEMS = 100  # that are listed
MOST_COUNTED = 10_000
DESCRIBED = 3  # problems in the description


class Wrong(NamedTuple):
    """A problem, and how the description of all of them says it; "" where the text of
    the one before it says it, too.
    """

    problem: Problem
    text: str


class ImportRefused(Exception):
    """The whole import is refused: an HTTP status, and a text for its sender.

    The text is cut where it is endless. `problems` are at most MOST_PROBLEMS; where
    none are named, the text is the only one.
    """

    def __init__(
        self, text: str, status: int = 400, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(text)
        self.text = cut(text)
        self.status = status
        self.problems = list(problems) or [Problem(path="", message=self.text)]

    @property
    def more(self) -> dict[str, list[Problem]]:
        """What stands beside the description in an answer."""
        return {"errors": self.problems}


def cut(told: str, longest: int = LONGEST_TEXT) -> str:
    """A text, with an ellipsis for its end where it is too long."""
    return told if len(told) <= longest else f"{told[: longest - 3]}..."


def in_utf8(payload: bytes, told: str = "{}") -> bytes:
    """A text's bytes in UTF-8, without a mark. Raises ImportRefused with the place, the
    likely encoding and what to do, as part of what is `told`.
    """
    try:
        return as_utf8(payload)
    except NotUnicode as error:
        raise ImportRefused(told.format(error.text)) from None


def refuse(foreword: str, found: Iterable[Wrong]) -> None:
    """Raise ImportRefused with all that is found, if there is anything."""
    every = iter(found)
    listed = list(islice(every, MOST_PROBLEMS))
    if not listed:
        return
    more = sum(1 for _ in islice(every, MOST_COUNTED))
    texts = [each.text for each in listed if each.text]
    rest = len(texts[DESCRIBED:]) + more
    longest = LONGEST_TEXT if len(texts) == 1 else LONGEST_TEXT // (DESCRIBED + 1)
    told = " ".join(cut(text, longest) for text in texts[:DESCRIBED])
    if rest:
        least = "at least " if more == MOST_COUNTED else ""
        told = f"{told} And {least}{rest:,} more."
    raise ImportRefused(
        f"{foreword}: {told}", problems=[each.problem for each in listed]
    )


def wrongs(
    violations: Iterable[Violation],
    hint: Callable[[Violation], str] = lambda violation: "",
) -> Iterator[Wrong]:
    """Violations as problems; `hint` may say more of one than what its rule does."""
    return (wrong(each, hint(each)) for each in violations)


def wrong(violation: Violation, hint: str = "") -> Wrong:
    """`path | message | Received value [type: t].`, and what may help."""
    hint = hint or nearest_of(violation)
    received = _received(violation)
    end = "" if violation.message.endswith(("?", ".")) else "."
    message = f"{violation.message}{end}{received}{hint}"
    problem = Problem(
        path=cut(violation.path, LONGEST_PROBLEM), message=cut(message, LONGEST_PROBLEM)
    )
    return Wrong(problem, f"{_told(violation)}.{hint}")


def description(foreword: str, violation: Violation) -> str:
    """`foreword: path | message | Received value [type: t].`, cut where it is endless.

    Lists and objects are not quoted.
    """
    return cut(f"{foreword}: {wrong(violation).text}")


def quoted(value: object) -> str:
    """A value and its type."""
    return f"{cut(beginning(value, LONGEST_TEXT + 1))} [type: {type_name(value)}]"


def nearest_of(violation: Violation) -> str:
    """` Did you mean …?` where a word or a key is almost one that is known, and which
    keys there are where it is none of them.
    """
    sent = violation.unexpected or (violation.value,)
    found = (nearest(each, violation.known) for each in sent[:10])
    meant = [f'"{each}"' for each in found if each is not None]
    if meant:
        return f" Did you mean {', '.join(meant)}?"
    if not violation.unexpected:
        return ""
    return f" There are: {', '.join(map(str, violation.known)) or 'none'}."


def _told(violation: Violation) -> str:
    parts = [violation.path or "null", violation.message]
    if not isinstance(violation.value, dict | list):
        parts.append(f"Received {quoted(violation.value)}")
    return " | ".join(parts)


def _received(violation: Violation) -> str:
    value = violation.value
    if violation.unexpected:
        return ""
    if value is ABSENT:
        return " It is missing."
    if isinstance(value, dict | list):
        return f" Received {'a list' if isinstance(value, list) else 'an object'}."
    shown = cut(beginning(value, 101), 100)
    return f' Received "{shown}".' if isinstance(value, str) else f" Received {shown}."
