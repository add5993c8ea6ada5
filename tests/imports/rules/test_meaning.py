"""What a rule's filters may be."""

import pytest

from imports.formats import FORMATS
from imports.models import ImportRule
from imports.rules.meaning import BadRule, in_words, meaning
from scores.games import PLAYTYPES
from tests.factories import make_token, make_user
from tests.imports.rules.make import make_rule, soon

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("filters", "name", "says"),
    [
        ({}, "filters", "at least one filter"),
        (None, "filters", "at least one filter"),
        ({"users": "alice"}, "users", "no filter"),
        ({"user": ""}, "user", "empty"),
        ({"user": []}, "user", "empty"),
        ({"user": 7}, "user", ""),
        ({"user": ["alice", None]}, "user", ""),
        ({"user": "nobody_of_that_name"}, "user", "no user"),
        ({"user": "a\0"}, "user", "Null characters"),
        ({"importType": "file/none"}, "importType", "cannot be"),
        ({"game": "chess"}, "game", "cannot be"),
        ({"playtype": "9P"}, "playtype", "cannot be"),
        ({"game": "sdvx", "playtype": "SP"}, "playtype", "no such playtype"),
        ({"token": "ffffffff"}, "token", "no API token"),
        ({"intent": "maybe"}, "intent", "cannot be"),
        ({"since": "yesterday"}, "since", "further imports"),
        ({"until": "tomorrow"}, "until", "beside the filters"),
        ({"hasErrors": "yes"}, "hasErrors", "only known once it is imported"),
        ({"intent": ["no", "yes"]}, "intent", "one value only"),
        ({"game": [*PLAYTYPES]}, "filters", "every import"),
        ({"game": [*PLAYTYPES], "importType": [*FORMATS]}, "filters", "every import"),
    ],
)
def test_what_cannot_be_a_rule_is_said(filters, name, says):
    with pytest.raises(BadRule) as refused:
        meaning(filters)
    assert refused.value.name == name
    assert says in refused.value.told


def test_each_filter_has_a_meaning():
    user = make_user("alice")
    token = make_token(user)
    given = {
        "user": "ALICE",
        "importType": ["ir/usc", "ir/barbatos"],
        "game": "usc",
        "playtype": "Keyboard",
        "service": "my script",
        "token": token,
        "userAgent": "kshook/1.1",
        "intent": "no",
    }
    assert meaning(given) == {
        "user": [str(user.pk)],
        "importType": ["ir/usc", "ir/barbatos"],
        "game": ["usc"],
        "playtype": ["Keyboard"],
        "service": ["my script"],
        "token": [token[:8]],
        "userAgent": ["kshook/1.1"],
        "intent": ["no"],
    }
    words = in_words(given)
    assert words.startswith("user ALICE, type ir/usc or ir/barbatos, game usc")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "\0"}, "text"),
        ({"note": "x" * 2001}, "note"),
        ({"until": soon(hours=-1)}, "until"),
    ],
)
def test_a_rule_has_a_text_and_an_end_that_is_to_come(wanted, name):
    with pytest.raises(BadRule) as refused:
        make_rule(game="sdvx", **wanted)
    assert refused.value.name == name
    assert not ImportRule.objects.exists()


def test_times_are_told_as_people_read_them():
    given = {"since": "2026-11-07T18:59:33.536179+00:00", "userAgent": "hook"}
    told = in_words(given)
    assert told == "received since 2026-11-07 18:59:33 UTC, user agent hook"
    assert in_words({"until": "yesterday"}) == "received before yesterday"
