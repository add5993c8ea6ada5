from datetime import UTC, datetime

import pytest

from imports.filters import BadFilter, ImportFilterSet
from imports.models import Import
from scores.games import PLAYTYPES
from tests.factories import make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db

EXAMPLES = {
    "user": "alice",
    "since": "2026-01-01",
    "until": "2026-01-01",
    "userAgent": "hook",
    "token": "12345678",
    "service": "cabinet",
    "importType": "file/batch-manual",
    "game": "sdvx",
    "playtype": "Single",
    "intent": "yes",
    "hasErrors": "yes",
}


def selected(**filters):
    return set(ImportFilterSet(filters, Import.objects.all()).qs)


def refusal(**filters):
    with pytest.raises(BadFilter) as caught:
        selected(**filters)
    return str(caught.value)


def test_there_is_an_example_of_every_filter():
    assert EXAMPLES.keys() == ImportFilterSet.base_filters.keys()


def test_imports_are_selected_by_the_intent_to_send_them():
    user = make_user()
    on_purpose, by_itself = make_import(user, user_intent=True), make_import(user)
    assert selected(intent="yes") == {on_purpose}
    assert selected(intent="no") == {by_itself}


def test_imports_are_selected_by_rows_that_were_not_imported():
    user = make_user()
    make_import(user, play(make_chart()))
    wrong = make_import(user, play(make_chart()), play(99_999))
    assert selected(hasErrors="yes") == {wrong}


def test_imports_are_selected_by_the_playtype_of_their_scores():
    user = make_user()
    single = make_import(user, play(make_chart()))
    make_import(user)
    assert selected(playtype="Single") == {single}
    assert selected(playtype="DP") == set()


def test_since_takes_the_moment_in_and_until_leaves_it_out():
    import_ = make_import(make_user())
    moment = datetime(2026, 1, 2, 14, 5, tzinfo=UTC)
    Import.objects.update(received_at=moment)
    assert selected(since="2026-01-02 14:05") == {import_}
    assert selected(until="2026-01-02 14:05") == set()
    assert selected(until="2026-01-02 14:06") == {import_}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("value", ["", None])
def test_an_empty_filter_is_an_error(name, value):
    assert refusal(**{name: value}) == f"{name} is empty."


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_value_with_a_null_character_is_an_error(name):
    make_user("alice")
    assert refusal(**{name: EXAMPLES[name] + "\0"})


@pytest.mark.parametrize("name", ["importtype", "import_type", "players", "errors", ""])
def test_a_filter_that_there_is_not_is_an_error(name):
    assert refusal(**{name: "x", "game": "sdvx"}) == f"{name} is no filter."


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("user", "nobody", "There is no user 'nobody'."),
        ("game", "chess", "game cannot be 'chess'."),
        ("importType", "%s {0}", "importType cannot be '%s {0}'."),
        ("intent", "maybe", "intent cannot be 'maybe'."),
        ("hasErrors", "no", "hasErrors cannot be 'no'."),
        ("since", "soon", "“soon” is no time: write it like 2025-07-31 14:05, in UTC."),
    ],
)
def test_a_value_that_means_nothing_is_an_error(name, value, reason):
    assert refusal(**{name: value}) == reason


def test_a_bad_filter_is_an_error_beside_good_ones():
    make_import(make_user("alice"))
    assert refusal(user="alice", game="chess") == "game cannot be 'chess'."


def test_every_game_can_be_selected():
    assert set(ImportFilterSet.values("game")) == set(PLAYTYPES)
