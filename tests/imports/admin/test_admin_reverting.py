from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from imports.models import Orphan, Revert, State
from imports.undo.revert import revert_import
from scores.locks import Busy
from scores.models import ClassClaim, Score
from tachi.moderation.models import Entry
from tests.factories import (
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_user,
    play,
)
from tests.imports.admin.moderation import (
    DAN,
    IMPORTS,
    ask,
    confirm,
    may_only,
    rows,
    send_one,
    state,
)
from tests.state import state_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]


def test_a_revert_is_asked_about_first_and_tells_what_will_go(client):
    one, two = make_chart(), make_chart()
    user = make_user()
    first = make_import(
        user, play(one, time=NOON), play(two, time=NOON), play(99_999), classes=DAN
    )
    make_import(user, play(one, time=NOON))
    before = state_of(user)

    response = ask(client, "revert", first)

    told = response.context["preview"]
    scores, classes = told["scores"], told["classes"]
    assert (scores["removed"], scores["kept"], scores["changed"]) == (1, 1, 0)
    assert told["personalBests"]["removed"] == 1
    sessions = told["sessions"]  # it may go on under the id of the other score
    assert sessions["changed"] + sessions["created"] == 1
    assert (told["orphans"], classes["staying"], told["players"]) == (1, 1, 1)
    page = response.content.decode()
    assert "<b>1</b> score of 1 player will go; <b>1</b> other will stay" in page
    assert f"<b>1</b> provided class will stay (5th Dan of {user.username})" in page
    assert "had never been made" not in page
    assert state_of(user) == before


def test_the_numbers_told_before_are_those_that_come_true(client):
    user = make_user()
    charts = [make_chart() for _ in range(3)]
    imports = [
        make_import(user, *(play(chart, time=NOON) for chart in charts)),
        make_import(user, play(charts[0], time=NOON), play(make_chart()), play(99_999)),
        make_import(user, play(charts[1], time=NOON)),
    ]
    scores, orphans = Score.objects.count(), Orphan.objects.count()

    told = ask(client, "revert", *imports[:2]).context["preview"]
    confirm(client, "revert", *imports[:2])

    assert scores - Score.objects.count() == told["scores"]["removed"] == 3
    assert orphans - Orphan.objects.count() == told["orphans"] == 1


def test_without_a_class_all_becomes_as_if_it_had_never_been(client):
    user = make_user()
    page = ask(client, "revert", send_one(user)).content.decode()
    assert "Everything becomes as if this import had never been made." in page
    assert f"<li>sdvx Single VF6 of {user.username}: " in page
    assert f"<li>sdvx Single vfClass of {user.username}: Sienna " in page


def test_what_is_too_much_to_be_tried_out_is_counted(client, settings):
    user = make_user()
    charts = [make_chart() for _ in range(3)]
    first = make_import(user, *(play(chart, time=NOON) for chart in charts))
    make_import(user, play(charts[0], time=NOON))
    settings.PREVIEW_SCORES = 2

    response = ask(client, "revert", first)

    assert response.context["preview"] is None
    page = response.content.decode()
    assert "too much, or too much going on" in page
    assert (
        "<b>2</b> scores of 1 player will go, or a few more; at most <b>1</b> other"
        in page
    )
    assert "had never been made" not in page


def test_a_confirmed_revert_is_done_and_kept_on_record(client, moderator):
    user = make_user()
    keep = make_import(user, play(make_chart(), time=NOON))
    before = state_of(user)
    wrong = make_import(user, play(make_chart()), play(make_chart()))

    said = {"reason": "a broken client", "note": "ticket 5"}
    page = confirm(client, "revert", wrong, **said)

    assert "Reverted 1 import with 2 scores." in page
    assert (state(wrong), state(keep)) == (State.REVERTED, State.COMPLETED)
    assert state_of(user) == before
    revert = Revert.objects.get()
    assert (revert.reverted_by, revert.origin) == (moderator, "admin")
    assert revert.reason == "a broken client"
    assert (revert.batch.reason, revert.batch.note) == ("a broken client", "ticket 5")
    assert Entry.objects.get().subject_id == wrong.import_id


def test_the_newest_import_is_reverted_first(client):
    imports = [send_one(make_user()) for _ in range(3)]

    confirm(client, "revert", *imports)

    order = Revert.objects.order_by("pk").values_list("of_import", flat=True)
    assert list(order) == [import_.pk for import_ in reversed(imports)]


def test_all_that_a_filter_finds_can_be_reverted_without_a_batch(client, moderator):
    may_only(moderator, "revert_import")
    user = make_user("wanted")
    for _ in range(3):
        send_one(user)
    other = send_one(make_user())
    filtered = f"{IMPORTS}?user=wanted"

    asked = ask(client, "revert", other, url=filtered, select_across="1")
    shown = asked.context["imports"]
    late = send_one(user)
    confirm(client, "revert", *shown, url=filtered)

    assert len(shown) == 3
    assert {state(each) for each in shown} == {State.REVERTED}
    assert {state(other), state(late)} == {State.COMPLETED}


def test_too_many_at_once_are_refused_to_who_may_make_no_batch(
    client, moderator, monkeypatch
):
    may_only(moderator, "revert_import")
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 2)
    user = make_user("wanted")
    imports = [send_one(user) for _ in range(3)]
    url = f"{IMPORTS}?user=wanted"

    for page in (
        ask(client, "revert", imports[0], url=url, select_across="1").content.decode(),
        confirm(client, "revert", *imports, url=url),
    ):
        assert "At most 100 imports at once. Narrow the list down." in page
    assert not Revert.objects.exists()


def test_a_confirmation_of_too_many_is_refused_whoever_sends_it(client, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 2)
    imports = [send_one(make_user()) for _ in range(3)]
    assert "At most" in confirm(client, "revert", *imports)
    assert not Revert.objects.exists()


def test_a_searched_list_has_no_command(client, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 0)
    import_ = make_row(make_user("wanted"))

    for url in (IMPORTS, f"{IMPORTS}?user=wanted&q={import_}"):
        page = ask(client, "cancel", import_, url=url).content.decode()
        assert "Narrow the list down." in page


def test_what_is_not_completed_is_left_alone(client):
    import_, reverted = send_one(make_user()), send_one(make_user())
    revert_import(reverted, OPERATOR)

    asked = ask(client, "revert", import_, reverted).content.decode()
    page = ask(client, "revert", reverted).content.decode()

    assert "1 of the selected imports is in another state" in asked
    assert "None of the selected imports is completed: nothing was reverted." in page


def test_an_import_that_somebody_else_reverts_meanwhile_is_left_alone(
    client, monkeypatch
):
    import_ = send_one(make_user())
    monkeypatch.setattr("imports.admin.actions.revert_import", lambda *_: None)

    page = confirm(client, "revert", import_)

    assert "Left alone 1 import that changed meanwhile" in page
    assert "Reverted" not in page.split("messagelist")[1].split("</ul>")[0]


def test_a_busy_player_is_waited_for_once_and_others_are_not_held_up(
    client, monkeypatch
):
    user = make_user("busy_one")
    imports = [send_one(user), send_one(user), send_one(make_user())]
    asked = []

    def revert(import_, requested_by):
        asked.append(import_)
        if import_.user == user:
            raise Busy("An import of this user is still running.")
        return revert_import(import_, requested_by)

    monkeypatch.setattr("imports.admin.actions.revert_import", revert)

    page = confirm(client, "revert", *imports)

    assert "Reverted 1 import with 1 score." in page
    assert page.count("of busy_one was refused. An import of this user is") == 2
    assert len(asked) == 2


def test_an_internal_error_is_logged_and_the_next_import_has_its_turn(
    client, monkeypatch, caplog
):
    broken, other = send_one(make_user()), send_one(make_user())

    def revert(import_, requested_by):
        return 1 // (import_ != broken) and revert_import(import_, requested_by)

    monkeypatch.setattr("imports.admin.actions.revert_import", revert)

    page = confirm(client, "revert", broken, other)

    assert "was refused. An internal error; the log has it." in page
    assert "ZeroDivisionError" in caplog.text
    assert (state(broken), state(other)) == (State.COMPLETED, State.REVERTED)


def test_a_request_ends_in_time(client, monkeypatch):
    monkeypatch.setattr("imports.admin.actions.MAX_SECONDS", -1)
    import_ = send_one(make_user())

    page = confirm(client, "revert", import_)

    assert "There was no time left: do it again." in page
    assert state(import_) == State.COMPLETED


def test_a_reason_that_cannot_be_kept_is_asked_for_again(client):
    import_ = send_one(make_user())

    for reason in ("\0", "x" * 1001):
        page = confirm(client, "revert", import_, reason=reason)
        assert "errorlist" in page
    assert state(import_) == State.COMPLETED


def test_provided_classes_stay_for_the_review(client):
    import_ = make_import(make_user(), play(make_chart()), classes=DAN)

    page = confirm(client, "revert", import_)

    review = f"{reverse('admin:scores_classclaim_changelist')}?state=review"
    assert "1 provided class to look at in the" in page
    assert review in page
    assert rows(client.get(review)) == [ClassClaim.objects.get()]


def test_the_confirmation_lists_the_first_imports_and_totals_them_all(client):
    user = make_user()
    imports = [make_import(user, play(99_000 + each)) for each in range(53)]

    response = ask(client, "revert", *imports)

    assert len(response.context["listed"]) == 50
    assert "… and 3 more." in response.content.decode()
    assert response.context["preview"]["orphans"] == 53


def test_the_confirmation_costs_as_many_queries_for_many_imports_as_for_one(
    client, django_assert_num_queries, django_assert_max_num_queries
):
    user = make_user()
    _, *imports = [send_one(user) for _ in range(6)]

    with django_assert_max_num_queries(45) as few:
        ask(client, "revert", imports[0])
    with django_assert_num_queries(len(few)):
        ask(client, "revert", *imports)


def test_a_restore_is_asked_about_first_and_then_exact(client, moderator):
    user = make_user()
    import_ = make_import(user, play(make_chart(), time=NOON), play(99_999))
    before = state_of(user)
    confirm(client, "revert", import_)

    asked = ask(client, "restore", import_)

    assert asked.context["totals"] == {"scores": 1, "orphans": 1}
    assert "<b>1</b> score will return" in asked.content.decode()
    assert state(import_) == State.REVERTED
    done = ask(client, "restore", import_, confirmed="yes")
    assert "Restored 1 import with 1 score." in done.content.decode()
    assert done.redirect_chain == [(IMPORTS, 302)]
    assert state_of(user) == before
    assert Revert.objects.get().restored_by == moderator


def test_what_was_reverted_too_long_ago_stays_reverted(client):
    import_ = send_one(make_user())
    revert_import(import_, OPERATOR)
    Revert.objects.update(reverted_at=timezone.now() - timedelta(days=31))

    asked = ask(client, "restore", import_).content.decode()
    page = confirm(client, "restore", import_)

    assert "<b>1</b> of the imports was reverted too long ago" in asked
    assert "It was reverted more than 30 days ago, on " in page
    assert state(import_) == State.REVERTED
