"""Beat Performance Index: 0 is the average of kaidens, 100 the world record.

The scale and its exponents come from the BPI tables that players keep; a chart's
average, record and exponent are numbers of the chart.
"""

from math import log, pow

from scores.rules.bounds import above, below
from scores.rules.javascript import is_safe_integer
from scores.rules.problems import Impossible

LOWEST = -15
DEFAULT_COEFFICIENT = 1.175


def bpi(
    score: float, kaiden: float, record: float, maximum: float, power: float | None
) -> float:
    """100 * L^power at or above the average, never below -15 under it.

    L = ln(S/K) / ln(W/K) of score, average and record, each as 0.5 / (1 - v/maximum),
    or 0.8 * maximum for the maximum itself. A power of None or -1 means 1.175.
    Raises Impossible for numbers that do not belong together. Other platforms' log and
    pow may differ in the last bit.
    """
    power = DEFAULT_COEFFICIENT if power is None or power == -1 else power
    _check(score, kaiden, record, maximum, power)

    def goodness(value: float) -> float:
        return 0.8 * maximum if value == maximum else 0.5 / (1 - value / maximum)

    average = goodness(kaiden)
    length = log(goodness(score) / average) / log(goodness(record) / average)
    if score >= kaiden:
        return 100 * pow(length, power)
    return max(LOWEST, -100 * pow(-length, power))


def _check(
    score: float, kaiden: float, record: float, maximum: float, power: float
) -> None:
    if not all(map(is_safe_integer, (score, kaiden, record, maximum))):
        raise Impossible("value-not-an-integer", "An EX score is not whole.")
    if kaiden > record or record > maximum:
        raise Impossible("value-too-large", "The average or the record is too high.")
    if kaiden <= 0:
        raise Impossible("value-not-positive", "The kaiden average is not positive.")
    if power <= 0:
        raise Impossible("power-coefficient-not-positive", "The exponent is too low.")
    if kaiden == record:
        raise Impossible(
            "kaiden-equals-world-record", "The kaiden average is the world record."
        )
    if not 0 <= score <= maximum:
        raise below("score", 0) if score < 0 else above("score", maximum)
