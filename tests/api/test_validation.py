import pytest
from django.http import QueryDict

from tachi.api.envelope import Refused
from tachi.api.validation import (
    boolean,
    list_of,
    nullable,
    one_of,
    optional,
    string,
    text,
    that,
    validate,
)
from tachi.schema import integer


def refusal(sent, rules, **options):
    with pytest.raises(Refused) as caught:
        validate(sent, rules, **options)
    assert caught.value.status == 400
    return caught.value.text


example = that(lambda value: value == "good", "example error message")


@pytest.mark.parametrize(
    ("sent", "rules", "expected"),
    [
        (
            {"foo": "bar"},
            {"foo": example},
            "[foo] example error message (Received bar)",
        ),
        (
            {},
            {"foo": example},
            "[foo] example error message (Received nothing (undefined))",
        ),
        (
            {"!password": "hunter2"},
            {"!password": that(lambda value: False, "invalid password")},
            "[!password] invalid password (Received ****)",
        ),
        (
            {},
            {"!password": that(lambda value: False, "invalid password")},
            "[!password] invalid password (Received nothing (undefined))",
        ),
        (
            {"comment": "a"},
            {"comment": string(3, 80)},
            "[comment] Expected a string with length between 3 and 80. (Received a)",
        ),
        (
            {"comment": ""},
            {"comment": nullable(string(3, 80))},
            "[comment] Expected a string with length between 3 and 80.",
        ),
        (
            {"course_id": None},
            {"course_id": integer(0, 18)},
            "[course_id] Expected an integer between 0 and 18. (Received null)",
        ),
        (
            {"play_style": -1},
            {"play_style": one_of(0, 1)},
            "[play_style] Expected any of 0, 1. (Received -1)",
        ),
        ({"a": True}, {"a": one_of(0, 1)}, "[a] Expected any of 0, 1. (Received true)"),
        ({"a": 1}, {"a": boolean}, "[a] Expected boolean. (Received 1)"),
        (
            {"a": "x"},
            {"a": optional(boolean)},
            "[a] Expected a boolean or no value. (Received x)",
        ),
        (
            {"a": None},
            {"a": optional(text)},
            "[a] Expected a string or no value. (Received null)",
        ),
        (
            {"a": 1.5},
            {"a": nullable(text)},
            "[a] Expected a string or null. (Received 1.5)",
        ),
        ({"a": 5.0}, {"a": text}, "[a] Expected string. (Received 5)"),
        ({"a": {}}, {"a": text}, "[a] Expected string."),
        (
            {"a": "foo"},
            {"a": list_of(text)},
            "[a] Value was not an array. (Received foo)",
        ),
        ({"a": ["x", 2]}, {"a": list_of(text)}, "[a[1]] Expected string. (Received 2)"),
        (
            {"foo": 1, "bar": 2},
            {},
            "[null] Unexpected properties inside object: foo, bar.",
        ),
        (
            {"a": 1, "b": 2},
            {"a": text},
            "[a] Expected string. (Received 1)",
        ),
        ([1], {"a": optional(text)}, "[null] Unexpected properties inside object: 0."),
        (
            {"a": "x" * 99},
            {"a": boolean},
            f"[a] Expected boolean. (Received {'x' * 99})",
        ),
        (
            {"a": "x" * 100},
            {"a": boolean},
            f"[a] Expected boolean. (Received {'x' * 97}...)",
        ),
    ],
)
def test_a_violation_reads_exactly_so(sent, rules, expected):
    assert refusal(sent, rules) == expected


def test_what_is_right_comes_back_without_what_was_not_sent():
    rules = {"a": optional(text), "b": nullable(integer(0, 9)), "c": optional(boolean)}

    assert validate({"b": None, "c": False}, rules) == {"b": None, "c": False}
    assert validate({"a": "", "b": 5.0}, rules) == {"a": "", "b": 5.0}
    assert validate({"a": 1.0}, {"a": one_of(0, 1)}) == {"a": 1.0}
    assert validate([], {"a": optional(text)}) == {}


def test_extra_keys_pass_only_where_that_is_said():
    assert validate({"x": 1}, {}, extra_keys_ok=True) == {}
    assert "x" in refusal({"x": 1}, {})


def test_a_value_is_told_as_javascript_writes_it():
    rules = {"a": boolean}
    assert refusal({"a": 1e-7}, rules) == "[a] Expected boolean. (Received 1e-7)"
    assert refusal({"a": 1e21}, rules) == "[a] Expected boolean. (Received 1e+21)"


def test_lengths_count_as_javascript_counts():
    assert validate({"a": "😀" * 60}, {"a": string(0, 120)})
    assert refusal({"a": "😀" * 61}, {"a": string(0, 120)})


@pytest.mark.parametrize("value", [True, "5", 5.5, None, [], -1, 10])
def test_what_is_no_integer_of_the_range_is_refused(value):
    assert refusal({"a": value}, {"a": integer(0, 9)})


def test_a_query_parameter_may_come_once_and_not_empty():
    rules = {"userIntent": optional(one_of("true", "false"))}

    assert validate(QueryDict("userIntent=true"), rules) == {"userIntent": "true"}
    assert validate(QueryDict(""), rules) == {}
    for query in ("userIntent=", "userIntent=true&userIntent=true"):
        message = refusal(QueryDict(query), rules)
        assert message == "[userIntent] Expected any of true, false."
