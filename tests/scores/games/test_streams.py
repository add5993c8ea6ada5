from hypothesis import given, settings
from hypothesis import strategies as st

from scores.games.formulas.streams import fastest_stream

NOTES = st.sampled_from([0, 1, 16, 40, 255, 256, 511, 600])
SPEEDS = st.sampled_from([0, 5, 6.5, 7, 9.25, 10])
CHARTS = st.lists(st.tuples(SPEEDS, NOTES), max_size=60)


def fastest_of_every_window(measures):
    fastest, windows = 0, []
    for speed, notes in measures:
        if notes == 0:
            windows = []
        windows = [(min(slowest, speed), held + notes) for slowest, held in windows]
        fastest = max([fastest, *(low for low, held in windows if held >= 512)])
        windows = [each for each in windows if each[1] < 512] + [(speed, notes)]
    return fastest


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(measures=CHARTS)
def test_the_fastest_stream_is_the_fastest_of_all_windows(measures):
    speeds = [speed for speed, _ in measures]
    notes = [count for _, count in measures]
    assert fastest_stream(speeds, notes) == fastest_of_every_window(measures)
