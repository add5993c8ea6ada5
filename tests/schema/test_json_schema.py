"""Each check describes itself so that any JSON Schema validator judges as it does."""

import pytest
from jsonschema import Draft202012Validator

from tachi.schema import (
    Document,
    array,
    boolean,
    document,
    either,
    integer,
    null,
    number,
    one_of,
    string,
    that,
    tuple_of,
)

VALUES = [
    *(None, True, False, 0, 1, -1, 2, 5.0, 1.5, -0.5, 2**53 - 1, 2**53, 10**30, 1e300),
    *("", "a", "abc", "abcd", "x" * 9, [], {}),
    *([None], ["a"], ["a", 1], [1, "a"], ["a", 1, 2], [["a"]], ["a", None]),
    *({"a": 1}, {"a": None}, {"a": "x"}, {"b": 1}, {"a": 1, "b": 1}),
]
CHECKS = [
    string(),
    string(1, 3),
    string(most=3),
    string(most=3).or_null(),
    boolean(),
    null(),
    one_of("a", "abc"),
    one_of("a", 1),
    one_of(),
    integer(),
    integer(0, 2),
    integer(above=0),
    number(),
    number(minimum=-0.5),
    number(above=0, maximum=2),
    that(lambda value: value == "abc", "Expected abc.", {"const": "abc"}),
    that(lambda value: True, "Anything will do."),
    integer().and_that(lambda value: value >= 1, "Too small.", {"minimum": 1}),
    array(string()),
    array(string().or_null()),
    tuple_of(string(), integer(minimum=0)),
    either(string(), array(string()), null()),
    either(integer(), boolean()),
    document(a=integer()),
    document(a=integer().or_absent()),
    document(a=integer().or_null(), b=one_of(1).or_absent()),
    Document({"a": integer()}, open=True),
]
CHECKS += [check.or_null() for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.json_schema()))
def test_a_json_schema_judges_as_its_check_does(check):
    schema = check.json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for value in VALUES:
        assert validator.is_valid(value) is check.accepts(value), value


def test_a_json_schema_is_its_readers_own():
    check = document(a=one_of("x").described("Which."), b=array(integer()))
    check.json_schema()["properties"]["a"]["enum"].append("y")
    assert check.json_schema()["properties"]["a"] == {
        "type": "string",
        "enum": ["x"],
        "description": "Which.",
    }


def test_lengths_differ_for_what_json_schema_counts_as_one():
    check = string(1, 3)
    assert not check.accepts("💚💚")
    assert Draft202012Validator(check.json_schema()).is_valid("💚💚")
    assert "UTF-16" in check.json_schema()["$comment"]
