"""What a technical score is worth in O.N.G.E.K.I., by the rules of two eras.

bright MEMORY counts the score alone, in hundredths; Re:Fresh counts in thousandths and
adds something for lamps and for the higher borders.
"""

from collections.abc import Callable
from math import ceil, floor, trunc

from scores.rules.javascript import round_half_up
from scores.rules.problems import Impossible

PERFECT = 1_010_000

Curves = tuple[tuple[int, Callable[[float, int], float]], ...]

#: From which score, and the hundredths for it: s is the score, i the level times 100.
_CLASSIC: Curves = (
    (1_007_500, lambda s, i: i + 200),
    (1_000_000, lambda s, i: i + 150 + floor((s - 1_000_000) / 150)),
    (970_000, lambda s, i: i + floor((s - 970_000) / 200)),
    (900_000, lambda s, i: i - ceil((970_000 - s) / 175)),
    (800_000, lambda s, i: i - 400 - ceil((900_000 - s) / 500)),
)
#: Below, nothing is worth anything, not even lamps.
_LOWEST = 800_000

#: The same in thousandths, with the bonus of the border in the end. Above 1,007,500 the
#: value keeps growing.
_REFRESH: Curves = (
    (1_007_500, lambda s, i: i + 1750 + trunc(250 * (s - 1_007_500) / 2500) + 300),
    (1_000_000, lambda s, i: i + 1250 + trunc(500 * (s - 1_000_000) / 7500) + 200),
    (990_000, lambda s, i: i + 750 + trunc(500 * (s - 990_000) / 10_000) + 100),
    (970_000, lambda s, i: i + floor(750 * (s - 970_000) / 20_000)),
    (900_000, lambda s, i: i - ceil(4000 * (970_000 - s) / 70_000)),
    (800_000, lambda s, i: i - 4000 - ceil(2000 * (900_000 - s) / 100_000)),
)

NOTE_LAMP_BONUS = {"FULL COMBO": 100, "ALL BREAK": 300, "ALL BREAK+": 350}
FULL_BELL_BONUS = 50


def classic_rating(score: float, level: float) -> float:
    """In hundredths, never negative; the level is rounded to hundredths.

    Of a score from 0 to 1,010,000 and a level that is not negative.
    """
    if score < _LOWEST:
        return 0
    curve = next(curve for lowest, curve in _CLASSIC if score >= lowest)
    return max(curve(score, round_half_up(level * 100)) / 100, 0)


def refresh_rating(score: float, level: float, note_lamp: str, bell_lamp: str) -> float:
    """In thousandths, never negative; the level is rounded to thousandths.

    Of a score from 0 to 1,010,000 and a level that is not negative. 1,010,000 is an
    ALL BREAK+, whatever the note lamp says. Raises Impossible for lamps that contradict
    the score or each other.
    """
    note_lamp = "ALL BREAK+" if score == PERFECT else note_lamp
    _check_lamps(score, note_lamp, bell_lamp)
    if score < _LOWEST:
        return 0
    curve = next(curve for lowest, curve in _REFRESH if score >= lowest)
    value = curve(score, round_half_up(level * 1000))
    value += NOTE_LAMP_BONUS.get(note_lamp, 0)
    value += FULL_BELL_BONUS if bell_lamp == "FULL BELL" else 0
    return max(value / 1000, 0)


def _check_lamps(score: float, note_lamp: str, bell_lamp: str) -> None:
    perfect, full_bell = score == PERFECT, bell_lamp == "FULL BELL"
    if (note_lamp == "ALL BREAK+") != perfect or (perfect and not full_bell):
        raise Impossible(
            "invalid-allbreakplus-combination",
            "ALL BREAK+ is a score of 1,010,000 with a FULL BELL.",
        )
    if note_lamp == "LOSS" and full_bell:
        raise Impossible("loss-with-full-bell", "A LOSS has no FULL BELL.")
