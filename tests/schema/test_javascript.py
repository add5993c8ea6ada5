import math

import pytest

from tachi.schema import ABSENT, javascript


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100.0, "100"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (572.5190839694657, "572.5190839694657"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (1e16, "10000000000000000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e25, "1.25e+25"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_print_as_in_javascript(value, text):
    assert javascript.number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.0, "1"),
        ("x", "x"),
        ([1, None, [2, 3]], "1,,2,3"),
        ({}, "[object Object]"),
    ],
)
def test_anything_prints_as_in_javascript(value, text):
    assert javascript.text(value) == text

    assert javascript.beginning(value, 100) == text


def test_of_a_long_list_only_the_beginning_is_printed():
    assert javascript.beginning([1, [2, 3], 4, 5], 3) == "1,2"


def test_lengths_are_counted_in_utf_16():
    assert javascript.utf16_length("aé💚") == 4


@pytest.mark.parametrize(
    ("value", "answer"),
    [(5, True), (5.0, True), (5.5, False), (True, False), ("5", False), (2**53, False)],
)
def test_an_integer_is_whole_and_safe(value, answer):
    assert javascript.is_safe_integer(value) is answer


@pytest.mark.parametrize("depth", [10, 100_000])
def test_a_list_prints_however_deep_it_is_nested(depth):
    value = [[], None, "x"]
    for _ in range(depth):
        value = [value]
    assert javascript.text(value) == ",,x"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1.5, "number"),
        ("", "string"),
        ([], "object"),
        ({}, "object"),
        (ABSENT, "undefined"),
    ],
)
def test_a_type_has_the_name_that_typeof_says(value, name):
    assert javascript.type_name(value) == name
