import math

import pytest

from scores.rules import javascript


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(2.5, 3), (-2.5, -2), (0.49999999999999994, 0), (1.5, 2), (-0.5, 0), (7, 7)],
)
def test_halves_round_up(value, rounded):
    assert javascript.round_half_up(value) == rounded


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (1.005, 2, "1.00"),
        (33.335, 2, "33.34"),
        (-0.0001, 2, "-0.00"),
        (-0.0, 2, "0.00"),
        (math.nan, 2, "NaN"),
        (1e21, 2, "1e+21"),
    ],
)
def test_fixed_decimals_go_by_the_binary_value(value, places, text):
    assert javascript.to_fixed(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [('a"é\n', '"a\\"é\\n"'), (1.0, "1"), (None, "null"), (False, "false")],
)
def test_json_is_stable(value, text):
    assert javascript.json_text(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, [], {}, ...], ids=repr)
def test_what_has_no_stable_json_is_refused(value):
    with pytest.raises(ValueError, match="stable form"):
        javascript.json_text(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234567, "1,234,567"), (0.0005, "0.001"), (-1234.5, "-1,234.5")],
)
def test_thousands_are_grouped(value, text):
    assert javascript.grouped(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.85, "0.85"),
        (9949, "9.9K"),
        (9950, "10K"),
        (999_499, "999K"),
        (999_500, "1M"),
        (-41916, "-42K"),
        (2.5e15, "2500T"),
    ],
)
def test_compact_numbers_keep_two_digits(value, text):
    assert javascript.compact(value) == text


@pytest.mark.parametrize(
    ("value", "answer"),
    [(5, True), (5.0, True), (5.5, False), (True, False), ("5", False), (2**53, False)],
)
def test_an_integer_is_whole_and_safe(value, answer):
    assert javascript.is_safe_integer(value) is answer


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (0.5, 0.5), (None, 0), (True, 1), ("12", 12), (" -.5e1 ", -5), ("", 0)],
)
def test_a_comparison_takes_what_javascript_takes_for_a_number(value, number):
    assert javascript.compared(value) == number


@pytest.mark.parametrize("value", ["x", "1_0", "1 2", [], {}, math.nan], ids=repr)
def test_what_is_no_number_is_neither_above_nor_below_one(value):
    assert math.isnan(javascript.compared(value))


def test_whole_floats_become_integers_in_lists_too():
    assert javascript.whole([1.0, 1.5, None]) == [1, 1.5, None]
    assert type(javascript.whole(-0.0)) is int
    assert javascript.whole(math.inf) == math.inf


def test_a_total_adds_from_left_to_right():
    assert javascript.total([0.1] * 10) == 0.9999999999999999
