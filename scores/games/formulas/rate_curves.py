"""The rate of maimai FiNALE: a curve of fifteen values for each level.

The curves of whole levels were measured by players; what lies between two levels or
two values is on the straight line between them.
"""

from bisect import bisect_right
from math import floor

from scores.rules.javascript import round_half_up

HIGHEST_PERCENT = 104

#: Where the values of a curve begin, in hundredths of a percent. From 10,000 on, the
#: way to the chart's maximum is spread over another 10,000.
STARTS = (
    *(0, 1000, 2000, 4000, 6000, 8000, 9000, 9400),
    *(9699, 9700, 9899, 9900, 9999, 10000, 20000),
)
FULL = 10_000

#: For the levels 0, 1, 2, … 15: the rate in hundredths at each start.
CURVES = (
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (0, 0, 10, 20, 40, 100, 150, 250, 400, 400, 500, 550, 650, 700, 800),
    (0, 0, 20, 40, 80, 200, 250, 300, 450, 450, 550, 600, 700, 750, 850),
    (0, 0, 30, 60, 120, 300, 350, 400, 500, 500, 600, 650, 750, 800, 900),
    (0, 0, 40, 80, 160, 350, 400, 450, 550, 550, 650, 700, 800, 850, 950),
    (0, 0, 50, 100, 200, 400, 500, 550, 600, 600, 700, 750, 850, 900, 1000),
    (0, 0, 60, 120, 240, 450, 550, 600, 650, 650, 750, 800, 900, 950, 1050),
    (0, 0, 70, 140, 280, 500, 600, 700, 725, 750, 875, 900, 975, 1000, 1100),
    (0, 0, 80, 160, 320, 550, 650, 725, 750, 800, 925, 950, 1025, 1050, 1150),
    (0, 0, 90, 180, 360, 600, 700, 750, 800, 900, 1025, 1050, 1125, 1150, 1250),
    (0, 0, 100, 200, 400, 700, 800, 850, 900, 1000, 1125, 1150, 1225, 1250, 1350),
    (0, 0, 110, 220, 440, 800, 900, 950, 1000, 1100, 1175, 1200, 1275, 1300, 1400),
    (0, 0, 120, 240, 480, 900, 1000, 1050, 1100, 1200, 1275, 1300, 1375, 1400, 1500),
    (0, 0, 130, 260, 520, 1000, 1100, 1150, 1250, 1350, 1475, 1500, 1575, 1600, 1700),
    (0, 0, 140, 280, 560, 1100, 1200, 1250, 1400, 1500, 1675, 1700, 1775, 1800, 1900),
    (0, 0, 150, 300, 600, 1200, 1300, 1350, 1550, 1650, 1875, 1900, 1975, 2000, 2100),
)


def curve_rate(percent: float, maximum: float, level: float) -> float:
    """The rate of a play; `maximum` is the highest percentage of its chart.

    Percentages count in hundredths and levels in tenths, rounded. What falls on a start
    or on the maximum is not rounded down, everything else is, to hundredths; up to 10%
    there is none. 0 <= percent <= maximum <= 104, and no level is negative.
    """
    achieved, highest = round_half_up(percent * 100), round_half_up(maximum * 100)
    tenths = round_half_up(level * 10)
    if achieved <= 1000:
        return 0
    if achieved == highest:
        return _value(tenths, -1) / 100
    if achieved >= FULL:
        way = (achieved - FULL) / (highest - FULL)
        achieved = floor(way * FULL + FULL)
    step = bisect_right(STARTS, achieved) - 1
    start, value = STARTS[step], _value(tenths, step)
    if achieved == start:
        return value / 100
    share = (achieved - start) / (STARTS[step + 1] - start)
    return floor(value + (_value(tenths, step + 1) - value) * share) / 100


def _value(tenths: int, step: int) -> float:
    """A value of the curve of a level; above 15 the last two curves go on straight."""
    row, beyond = divmod(tenths, 10)
    if tenths > 150:
        row, beyond = 14, tenths - 140
    value = CURVES[row][step]
    if not beyond:
        return value
    return value + ((CURVES[row + 1][step] - value) * beyond) / 10
