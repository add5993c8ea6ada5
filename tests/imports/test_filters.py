from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from imports.filters import BadFilter, ImportFilterSet, mixed, settled
from imports.models import Import
from imports.pipeline import run_inline
from imports.undo.revert import revert_import
from scores.games import PLAYTYPES
from scores.models import Score
from tachi.accounts.models import ApiToken
from tests.factories import (
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
    send,
)

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


def iidx(chart, score=1000, **rest):
    return play(chart, score, **rest)


def make_iidx(user, *plays, playtype="SP", **rest):
    return make_import(user, *plays, game="iidx", playtype=playtype, **rest)


def test_imports_are_selected_by_the_playtype_of_their_scores(user, charts):
    single, double = charts
    sp = make_iidx(user, iidx(single))
    dp = make_iidx(user, iidx(double), playtype="DP")
    assert selected(playtype="SP") == {sp}
    assert selected(playtype="DP") == {dp}
    assert selected(playtype=["DP", "SP"]) == {sp, dp}
    assert selected(playtype="Single") == set()


def test_one_whose_scores_are_all_held_by_others_is_of_their_playtype(user, charts):
    single, double = charts
    first = make_iidx(user, iidx(single))
    make_iidx(user, iidx(double), playtype="DP")
    again = make_iidx(user, iidx(single))
    assert again.counts["held"] == 1
    # So that it is not its document that is asked.
    Import.objects.update(context={})
    assert selected(playtype="SP") == {first, again}


def test_one_without_scores_is_of_the_playtype_of_its_document(user):
    orphans = make_iidx(user, iidx(99_999), playtype="DP")
    nothing = make_iidx(user)
    assert selected(playtype="DP") == {orphans}
    assert selected(playtype="SP") == {nothing}


def test_one_that_is_reverted_is_of_the_playtype_of_its_document(user, charts):
    reverted = make_iidx(user, iidx(charts[0]))
    revert_import(reverted, OPERATOR)
    assert selected(playtype="SP") == {reverted}
    assert selected(playtype="DP") == set()


def test_one_that_only_declared_a_class_is_of_that_classs_playtype(user):
    declared = make_iidx(user, classes={"dan": "DAN_3"}, playtype="DP")
    Import.objects.update(context={})
    assert selected(playtype="DP") == {declared}
    assert selected(playtype="SP") == set()


def test_where_a_game_has_one_playtype_an_import_without_scores_is_of_it(user):
    queued = make_row(user, game="sdvx")
    make_row(user)
    assert selected(playtype="Single") == {queued}


def test_an_orphan_that_says_its_playtype_is_believed(user):
    import_ = make_import(user, play(99_999), game="usc", playtype="Controller")
    import_.orphans.update(data={"playtype": "Keyboard"})
    Import.objects.update(context={})
    assert selected(playtype="Keyboard") == {import_}
    assert selected(playtype="Controller") == set()


def test_scores_count_and_not_the_document_where_there_are_both(user, charts):
    import_ = make_iidx(user, iidx(charts[0]))
    Import.objects.update(context={"playtype": "DP"})
    assert selected(playtype="SP") == {import_}
    assert selected(playtype="DP") == set()


def test_those_that_hold_scores_of_other_playtypes_too_are_told_apart(user, charts):
    single, double = charts
    sp = make_iidx(user, iidx(single))
    dp = make_iidx(user, iidx(double), playtype="DP")
    owns_both, claims_both = make_iidx(user), make_iidx(user)
    scores = {score.gpt: score for score in user.score_set.all()}
    Score.objects.update(source_import=owns_both)
    claims_both.later_claims = {str(each.pk): 0 for each in scores.values()}
    claims_both.save()
    everything = Import.objects.all()
    assert set(mixed(everything, "SP")) == {owns_both, claims_both}
    assert set(mixed(everything, "DP")) == {owns_both, claims_both}
    assert set(mixed(everything, "SP", "DP")) == set()
    assert selected(playtype="SP") == {sp, owns_both, claims_both}
    assert selected(playtype="DP") == {dp, owns_both, claims_both}


@pytest.fixture
def charts():
    data = {"notecount": 1000}
    return [
        make_chart("iidx", playtype, difficulty="ANOTHER", data=data)
        for playtype in ("SP", "DP")
    ]


def test_a_service_is_found_by_the_name_on_the_scores(user, chart):
    by_file = make_import(user, play(chart), service="my tool")
    direct = run_inline(
        send(user, document(play(chart, 1), service="my tool"), "ir/direct-manual")
    )
    assert by_file.scores.get().service == "my tool (BATCH-MANUAL)"
    assert direct.scores.get().service == "my tool (DIRECT-MANUAL)"
    assert selected(service="my tool (BATCH-MANUAL)") == {by_file}
    assert selected(service="my tool (DIRECT-MANUAL)") == {direct}
    assert selected(service="my tool") == {by_file, direct}
    assert selected(service="my tool (BATCH-MANUAL) ") == set()
    assert selected(service=" (BATCH-MANUAL)") == set()


def test_who_called_it_so_himself_is_found_too(user, chart):
    import_ = make_import(user, play(chart), service="a (DIRECT-MANUAL)")
    assert selected(service="a (DIRECT-MANUAL)") == {import_}
    assert selected(service="a (DIRECT-MANUAL) (BATCH-MANUAL)") == {import_}


def test_of_several_values_any_will_do():
    alice, bob, carol = (make_user(name) for name in ("alice", "bob", "carol"))
    tokens = [ApiToken.objects.issue(each, [])[0] for each in (alice, bob, carol)]
    types = ("file/batch-manual", "ir/direct-manual", "ir/usc")
    imports = [
        make_row(
            token.user,
            token=token,
            user_agent=f"{token.user}/1",
            service=f"of {token.user}",
        )
        for token in tokens
    ]
    for import_, import_type in zip(imports, types, strict=True):
        Import.objects.filter(pk=import_.pk).update(import_type=import_type)
    first_two = set(imports[:2])
    assert selected(user=["Alice", "bob"]) == first_two
    assert selected(user=("alice",)) == {imports[0]}
    assert selected(importType=list(types[:2])) == first_two
    assert selected(userAgent=["ALICE", "bob/"]) == first_two
    assert selected(service=["of alice", "of bob"]) == first_two
    assert selected(token=[each.prefix for each in tokens[:2]]) == first_two
    assert selected(user=["alice", "bob"], importType=types[1]) == {imports[1]}


@pytest.mark.parametrize("name", ["since", "until", "intent", "hasErrors"])
def test_what_has_one_value_takes_no_second(name):
    assert refusal(**{name: [EXAMPLES[name]] * 2}) == f"{name} takes one value only."


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_list_is_held_to_what_a_text_is(name):
    make_user("alice")
    ApiToken.objects.issue(make_user(), [])
    assert refusal(**{name: []}) == f"{name} is empty."
    assert refusal(**{name: [""]}) == f"{name} is empty."
    wrong = refusal(**{name: [[EXAMPLES[name]]]})
    assert wrong == refusal(**{name: {}}) == refusal(**{name: 1.5})
    assert wrong == f"{name} has to be a text or a list of texts."


def test_too_many_values_are_an_error():
    assert refusal(service=["x"] * 101) == "service takes at most 100 values."


def test_one_wrong_value_of_several_is_an_error():
    make_user("alice")
    assert refusal(user=["alice", "nobody"]) == "There is no user 'nobody'."


def test_json_says_yes_and_no_and_times_as_json_does(user):
    on_purpose, by_itself = make_row(user, user_intent=True), make_row(user)
    assert selected(intent=True) == {on_purpose}
    assert selected(intent=False) == {by_itself}
    assert refusal(hasErrors=False) == "hasErrors cannot be 'no'."
    moment = datetime(2026, 1, 2, 14, 5, tzinfo=UTC)
    Import.objects.update(received_at=moment)
    milliseconds = int(moment.timestamp() * 1000)
    assert selected(since=milliseconds) == {on_purpose, by_itself}
    assert selected(since=milliseconds + 1) == set()
    assert "is no time" in refusal(since=5)
    assert "is no time" in refusal(since=-(10**11))
    assert "is no time" in refusal(since=10**16)


def test_a_token_that_nobody_has_is_an_error():
    ApiToken.objects.issue(make_user(), [])
    reason = refusal(token="zzz")
    assert reason == "There is no API token that begins with 'zzz'."
    assert "begins with '%'" in refusal(token="%")


def test_filters_are_kept_as_what_they_mean():
    make_user("Alice")
    made = settled(
        {
            "user": ["ALICE"],
            "importType": ["ir/usc", "ir/lr2hook"],
            "since": "yesterday",
            "until": "2026-01-02 14:05+09:00",
            "intent": True,
        }
    )
    day = timezone.now().date() - timedelta(days=1)
    assert made == {
        "user": "Alice",
        "importType": ["ir/usc", "ir/lr2hook"],
        "since": f"{day}T00:00:00+00:00",
        "until": "2026-01-02T05:05:00+00:00",
        "intent": "yes",
    }
    assert settled(made) == made
    with pytest.raises(BadFilter):
        settled({"until": "later"})


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
        (
            "since",
            "soon",
            "“soon” is no time: write it like 2025-07-31 14:05, in UTC, or in the words"
            " now, today, yesterday, 2 hours ago.",
        ),
    ],
)
def test_a_value_that_means_nothing_is_an_error(name, value, reason):
    assert refusal(**{name: value}) == reason


def test_a_bad_filter_is_an_error_beside_good_ones():
    make_import(make_user("alice"))
    assert refusal(user="alice", game="chess") == "game cannot be 'chess'."


def test_every_game_can_be_selected():
    assert set(ImportFilterSet.values("game")) == set(PLAYTYPES)
