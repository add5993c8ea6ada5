import pytest

from tachi.schema import (
    ABSENT,
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

EVEN = that(lambda value: value in (0, 2, 4), "Expected something even.")
SMALL_AND_EVEN = integer().and_that(lambda value: value % 2 == 0, "Expected it even.")
NOTE = document(lane=integer(0, 7), at=array(number()).or_absent())


def told(check, value):
    return [(each.path, each.message) for each in check.violations(value)]


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (string(), ["", "a"], [1, None, True, [], {}]),
        (string(2, 3), ["ab", "abc", "💚"], ["a", "abcd", "💚💚", 12, ["a", "b"]]),
        (boolean(), [True, False], [0, 1, "true", None]),
        (null(), [None], [0, "", False]),
        (one_of("a", "b"), ["a", "b"], ["c", "ab", 1, None, ["a"], {"a": 1}]),
        (one_of(0, 1), [0, 1, 1.0], [True, False, 2, "0", [0]]),
        (integer(), [0, -5, 5.0, 2**53 - 1], [5.5, True, "5", 2**53, 10**400, None]),
        (integer(0, 9), [0, 9, 9.0], [-1, 10, 9.5]),
        (integer(above=0), [1], [0, -1]),
        (number(), [0, 1.5, 10**300], [True, "1", None, float("nan"), 10**400]),
        (number(minimum=0), [0, 0.5], [-0.5, float("inf")]),
        (number(above=0), [0.5], [0, -1]),
        (number(maximum=1), [1, -5], [1.5]),
        (SMALL_AND_EVEN, [0, 4.0], [1, 2.5, "2"]),
        (array(string()), [[], ["a"]], ["a", {}, None, [1], ["a", None]]),
        (tuple_of(string(), integer()), [["a", 1]], [["a"], ["a", 1, 2], [1, "a"], 5]),
        (either(string(), array(string())), ["a", ["a"]], [1, [1], None]),
        (document(a=integer()), [{"a": 1}], [{}, {"a": None}, {"a": 1, "b": 1}, [], 5]),
        (Document({"a": integer()}, open=True), [{"a": 1, "b": 1}], [{"b": 1}]),
        (document(a=null().or_absent()), [{}, {"a": None}], [{"a": 1}]),
        (integer().or_null(), [None, 1], ["", False]),
    ],
)
def test_a_check_knows_right_from_wrong(check, right, wrong):
    for value in right:
        assert check.accepts(value), value
        assert check.first(value) is None
        assert told(check, value) == []
    for value in wrong:
        assert not check.accepts(value), value
        assert check.first(value) == next(check.violations(value))


@pytest.mark.parametrize("check", [string(most=3), string(0, 3)])
def test_a_text_has_at_most_so_many_code_units(check):
    assert check.accepts("")
    assert check.accepts("aé€")
    assert check.accepts("a💚")
    assert not check.accepts("aaaa")
    assert not check.accepts("💚💚")
    assert not check.accepts(None)
    assert not check.accepts(["a"])


def test_an_absent_key_and_a_null_are_not_the_same():
    optional = document(a=string().or_absent())
    nullable = document(a=string().or_null())

    assert optional.accepts({})
    assert not optional.accepts({"a": None})
    assert nullable.accepts({"a": None})
    assert not nullable.accepts({})
    assert document(a=string().or_null().or_absent()).accepts({"a": None})


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (string(), "Expected string."),
        (string().or_null(), "Expected a string or null."),
        (string().or_absent(), "Expected a string or no value."),
        (string().or_null().or_absent(), "Expected a string, null or no value."),
        (string(most=3), "Expected string."),
        (string(most=3).or_null().or_absent(), "Expected a string, null or no value."),
        (boolean(), "Expected boolean."),
        (boolean().or_absent(), "Expected a boolean or no value."),
        (string(3, 80).or_null(), "Expected a string with length between 3 and 80."),
        (one_of("a", 1), "Expected any of a, 1."),
        (integer(), "Expected an integer."),
        (integer(0, 9), "Expected an integer between 0 and 9."),
        (integer(minimum=0), "Expected an integer that is at least 0."),
        (number(), "Expected a number."),
        (number(-0.5, 100.0), "Expected a number between -0.5 and 100."),
        (number(above=0), "Expected a number that is above 0."),
        (
            number(above=0, maximum=5),
            "Expected a number that is above 0 and at most 5.",
        ),
        (EVEN, "Expected something even."),
        (array(string()), "Value was not an array."),
        (tuple_of(string(), string()), "Expected a list of 2."),
        (
            either(array(string()), string(), null()),
            "Expected a list, a string or null.",
        ),
        (
            either(integer(minimum=0), document()),
            "Expected an integer that is at least 0 or an object.",
        ),
        (
            document(),
            "Object does not match structure of schema,"
            " expected this location to have an object.",
        ),
    ],
)
def test_a_message_says_what_was_expected(check, message):
    assert check.first(...).message == message


def test_the_test_that_fails_first_tells():
    assert told(SMALL_AND_EVEN, "x") == [("", "Expected an integer.")]
    assert told(SMALL_AND_EVEN, 3) == [("", "Expected it even.")]


def test_everything_wrong_is_found_with_its_place_and_value():
    sheet = document(
        title=string(), notes=array(NOTE), size=tuple_of(integer(), integer())
    )
    sent = {
        "notes": [
            {"lane": 1},
            {"lane": 8, "at": [1, None, "x"]},
            7,
            {"extra": 1, "more": 2},
        ],
        "size": [1, "2", 3],
        "colour": "red",
    }

    found = list(sheet.violations(sent))

    assert [(each.path, each.value) for each in found] == [
        ("title", ABSENT),
        ("notes[1].lane", 8),
        ("notes[1].at[1]", None),
        ("notes[1].at[2]", "x"),
        ("notes[2]", 7),
        ("notes[3].lane", ABSENT),
        ("notes[3]", {"extra": 1, "more": 2}),
        ("size", [1, "2", 3]),
        ("size[1]", "2"),
        ("", sent),
    ]
    assert found[0] == sheet.first(sent)
    assert found[6].unexpected == ("extra", "more")
    assert found[6].message == "Unexpected properties inside object: extra, more."
    assert found[-1].unexpected == ("colour",)


def test_the_order_is_that_of_the_declaration_and_unexpected_keys_come_last():
    check = document(b=integer(), a=integer())
    paths = [each.path for each in check.violations({"c": 1, "a": "x", "b": "x"})]
    assert paths == ["b", "a", ""]


def test_a_collection_is_bounded_and_says_how_many_more_there_are():
    found, more = array(integer()).collect(["x"] * 10 + [1], 3)
    assert ([each.path for each in found], more) == (["[0]", "[1]", "[2]"], 7)
    assert array(integer()).collect([1, 2], 3) == ([], 0)


def test_a_check_that_is_varied_stays_as_it_was():
    name = string()
    assert name.or_null().accepts(None)
    assert not name.accepts(None)
    assert name.described("A name.").or_absent().json_schema()["description"]
    assert "description" not in name.json_schema()


def test_the_keys_of_an_object_are_known():
    assert NOTE.keys == {"lane", "at"}
    assert string().keys == frozenset()


@pytest.mark.parametrize("check", [string(), NOTE, array(string()), one_of("a", 1)])
def test_no_nesting_is_too_deep(check):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, {"lane": deep}):
        violation = check.first(value)
        assert violation
