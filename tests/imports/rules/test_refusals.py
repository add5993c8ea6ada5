"""What rules refuse, and when: accepted, taken, written."""

import json

import pytest
from django.utils import timezone

from imports import at_once, pipeline, tasks
from imports.models import Import, ImportInput, ImportRule, State
from imports.once import Sent
from imports.pipeline import submit
from imports.preview import preview
from imports.queue import leases
from imports.retry import retry_import
from imports.rules.refusals import RefusedByRule
from imports.rules.stop import NotLifted, lift
from scores.models import Score
from tachi.accounts.models import ApiToken
from tests.commands import call
from tests.factories import (
    NOON,
    document,
    make_chart,
    make_import,
    make_song,
    make_user,
    play,
    send,
)
from tests.imports.queue.test_leases import woken
from tests.imports.rules.make import OPERATOR, TEXT, make_rule, matched, soon

pytestmark = pytest.mark.django_db
DIRECT = "ir/direct-manual"


@pytest.fixture
def chart():
    return make_chart()


def sent(user, *plays, said=None, import_type=DIRECT, **more):
    body = json.dumps(document(*plays, **(said or {}))).encode()
    return Sent(user, import_type, body, **more)


def refused(*args, **more):
    """The text with which it is refused, in the request; None where it is imported."""
    try:
        import_ = submit(sent(*args, **more), here=True)
    except RefusedByRule as refusal:
        return refusal.text
    if import_.state == State.FAILED:
        assert import_.error_status == 403
        return import_.error_text
    assert import_.state == State.COMPLETED
    return None


def state(import_):
    return Import.objects.get(pk=import_.pk).state


def failed_by_rule(import_, text=TEXT):
    import_.refresh_from_db()
    found = (import_.state, import_.error_status, import_.error_text)
    return found == (State.FAILED, 403, text)


@pytest.mark.parametrize("size", [0, at_once.SMALL])
def test_each_filter_stops_what_it_means_and_nothing_else(
    user, chart, size, monkeypatch
):
    monkeypatch.setattr("imports.at_once.SMALL", size)
    other = make_user()
    token, others = (ApiToken.objects.issue(user, [])[0] for _ in range(2))
    agent = "Hook/1.2 (test)"
    cases = [
        ({"user": user.username}, {}, {"of": other}),
        ({"importType": DIRECT}, {}, {"import_type": "file/batch-manual"}),
        ({"token": token.prefix}, {"token": token}, {"token": others}),
        ({"token": token.prefix}, {"token": token}, {}),
        ({"userAgent": "hook/1.2"}, {"user_agent": agent}, {"user_agent": "Hook/1.3"}),
        ({"intent": "no"}, {}, {"user_intent": True}),
        ({"intent": "yes"}, {"user_intent": True}, {}),
        ({"service": "tests"}, {}, {"said": {"service": "others"}}),
        ({"service": "tests (DIRECT-MANUAL)"}, {}, {"said": {"service": "others"}}),
        ({"game": "sdvx"}, {}, {"said": {"game": "iidx", "playtype": "SP"}}),
        (
            {"playtype": "SP"},
            {"said": {"game": "iidx", "playtype": "SP"}},
            {"said": {"game": "iidx", "playtype": "DP"}},
        ),
        ({"user": user.username, "game": "iidx"}, None, {}),
        ({"user": [user.username, other.username]}, {"of": other}, None),
    ]
    time = NOON
    for filters, of_rule, of_others in cases:
        rule = make_rule(**filters)
        for case, expected in ((of_rule, TEXT), (of_others, None)):
            if case is not None:
                time += 1
                case = dict(case)
                who = case.pop("of", user)
                got = refused(who, play(chart, 9_000_000, time), **case)
                assert got == expected, (filters, case)
        assert matched(rule) == (of_rule is not None)
        lift(rule, OPERATOR)


def test_what_a_rule_refuses_when_it_comes_leaves_nothing(user, chart):
    make_rule(user=user.username)
    assert refused(user, play(chart), key="one") == TEXT
    assert not Import.objects.exists()
    assert not ImportInput.objects.exists()


def test_its_key_is_free_when_the_rule_is_lifted(user, chart):
    for filters in ({"user": user.username}, {"service": "tests"}):
        rule = make_rule(**filters)
        for _ in range(2):
            assert refused(user, play(chart), key="one") == TEXT
        assert matched(rule) == 2
        lift(rule, OPERATOR)
    assert refused(user, play(chart), key="one") is None


def test_what_was_imported_under_a_key_is_that_import_still(user, chart):
    done = submit(sent(user, play(chart), key="one"), here=True)
    make_rule(user=user.username)
    assert submit(sent(user, play(chart), key="one"), here=True) == done
    with pytest.raises(RefusedByRule):
        submit(sent(user, play(chart)), here=True)


def test_a_rule_ends_at_its_time(user, chart):
    rule = make_rule(user=user.username, until=soon())
    assert refused(user, play(chart)) == TEXT
    ImportRule.objects.filter(pk=rule.pk).update(until=timezone.now())
    assert refused(user, play(chart)) is None


def test_a_rule_is_lifted_once(user, chart):
    rule = make_rule(user=user.username)
    lift(rule, OPERATOR)
    with pytest.raises(NotLifted):
        lift(rule, OPERATOR)
    assert refused(user, play(chart)) is None


def test_a_rule_of_a_player_who_is_gone_means_nobody(user, chart):
    other = make_user("somebody")
    make_rule(user="somebody")
    other.delete()
    assert refused(user, play(chart)) is None
    assert refused(make_user("somebody"), play(chart)) is None


def test_a_playtype_is_known_of_a_play_whose_chart_is_not(user):
    make_rule(playtype="SP")
    assert refused(user, play(4444), said={"game": "iidx", "playtype": "SP"}) == TEXT


def test_a_class_by_itself_is_of_a_playtype(user):
    make_rule(game="sdvx", playtype="Single")
    assert refused(user, said={"classes": {"dan": "DAN_3"}}) == TEXT


@pytest.mark.parametrize(
    "filters", [{"importType": "file/batch-manual"}, {"game": "sdvx"}]
)
def test_what_was_queued_before_fails_with_the_text(api, user, chart, filters):
    first, other = send(user, document(play(chart))), send(user, document(play(chart)))
    rule = make_rule(**filters)
    tasks.run_import(first.pk)

    assert failed_by_rule(first)
    assert matched(rule) == 1
    assert state(other) == State.QUEUED
    assert woken() == [other.pk]
    assert not Score.objects.exists()
    answer = api.get(f"/api/v1/imports/{first.import_id}/poll-status")
    assert (answer.status_code, answer.json()["description"]) == (403, TEXT)


def test_a_rule_that_is_made_while_it_is_read_stops_the_write(user, chart, monkeypatch):
    import_ = send(user, document(play(chart)))
    taken = leases.take(import_.pk)

    def report(phase, *args):
        if phase == "writing":
            make_rule(user=user.username)

    monkeypatch.setattr(leases, "take", lambda pk: taken)
    monkeypatch.setattr("imports.pipeline.Progress", lambda import_: report)
    tasks.run_import(import_.pk)

    assert failed_by_rule(import_)
    assert matched(ImportRule.objects.get()) == 1
    assert not Score.objects.exists()


def test_a_rule_that_is_made_meanwhile_stops_what_is_imported_at_once(
    user, chart, monkeypatch
):
    really_parse = at_once.parse

    def parse(import_, report):
        make_rule(user=user.username)
        return really_parse(import_, report)

    monkeypatch.setattr("imports.at_once.parse", parse)
    assert refused(user, play(chart)) == TEXT
    assert not Import.objects.exists()


def test_what_a_rule_has_refused_can_be_retried_when_it_is_lifted(user, chart):
    import_ = send(user, document(play(chart)))
    of_user, of_game = make_rule(user=user.username), make_rule(game="sdvx")
    tasks.run_import(import_.pk)
    import_.refresh_from_db()
    with pytest.raises(RefusedByRule):
        retry_import(import_, OPERATOR)
    lift(of_user, OPERATOR)
    tasks.run_import(retry_import(import_, OPERATOR).pk)
    assert failed_by_rule(import_)
    lift(of_game, OPERATOR)
    tasks.run_import(retry_import(import_, OPERATOR).pk)
    assert state(import_) == State.COMPLETED


def test_what_a_moderator_runs_again_is_not_stopped(user, chart):
    import_ = send(user, document(play(chart)))
    rule = make_rule(game="sdvx")
    tasks.run_import(import_.pk)
    call("retry_imports", import_.import_id)
    tasks.run_import(import_.pk)
    assert state(import_) == State.COMPLETED
    assert matched(rule) == 1


def test_a_moderators_help_is_for_once(user, chart):
    import_ = send(user, document(play(chart)), past_rules=True)
    Import.objects.filter(pk=import_.pk).update(state=State.FAILED)
    import_.refresh_from_db()
    make_rule(user=user.username)
    with pytest.raises(RefusedByRule):
        retry_import(import_, OPERATOR)


def test_what_an_operator_imports_is_not_stopped(user, chart, tmp_path):
    make_rule(user=user.username)
    file = tmp_path / "scores.json"
    file.write_text(json.dumps(document(play(chart))))
    call("import_scores", file, "--user", user.username, "--dry-run")
    call("import_scores", file, "--user", user.username)
    assert Score.objects.count() == 1


def test_a_preview_says_that_it_would_be_refused_and_is_not_counted(user, chart):
    rule = make_rule(service="tests")
    with pytest.raises(RefusedByRule):
        preview(sent(user, play(chart)), within_bounds=True)
    assert matched(rule) == 0


def test_orphans_of_what_was_imported_come_home_all_the_same(user):
    import_ = make_import(user, play(4444))
    make_rule(user=user.username)
    make_chart(song=make_song(song_id=4444))
    assert import_.orphans.count() == 1
    call("reprocess_orphans", "--user", user.username)
    assert Score.objects.count() == 1


def test_a_refused_play_makes_no_chart(user, monkeypatch):
    from tests.imports.boku_hooks import beatoraja_play

    monkeypatch.setattr("imports.chart_queue.join", None)  # it would be called
    make_rule(service="Beatoraja IR")
    body = json.dumps(beatoraja_play()).encode()
    import_ = pipeline.submit(Sent(user, "ir/beatoraja", body), here=True)
    assert (import_.state, import_.error_status) == (State.FAILED, 403)
