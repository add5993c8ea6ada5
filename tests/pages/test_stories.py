"""Each story of those who use the pages, in a real browser, on a screen and a phone.

Everybody signs in at the door that is his, reads what he is told, and presses what he
is offered; afterwards the database holds what he was told.
"""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from imports.admin.filters import parameter
from imports.batches.run import run_to_end
from imports.models import Import, ImportRule, Revert, RevertBatch, State
from imports.pipeline import run_inline
from scores.models import ClassClaim, GameStats
from tachi.accounts.models import ApiToken
from tests.factories import (
    HOUR,
    NOON,
    document,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
    send,
)
from tests.imports.batches.making import asked, ran
from tests.pages.person import PASSWORD, at_a_browser
from tests.rights.people import make_moderator
from tests.state import state_of
from tests.test_admin_in_browser import IMPORTS as MODERATED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SCREEN, PHONE = (1280, 800), (390, 844)
WITH_SCRIPTS = [
    pytest.param((SCREEN, True), id="screen"),
    pytest.param((PHONE, True), id="phone"),
]
#: On a screen: a phone that is emulated answers its driver no more without scripts.
WITHOUT = [pytest.param((SCREEN, False), id="screen-no-scripts")]
HOOK = "BrokenHook/2.1"
FAR_AHEAD = 4_000_000_000_000  # no play has been by then: such a row is rejected
UNKNOWN = 99_999  # a song that is not there


@pytest.fixture
def person(request, live_server, tmp_path):
    size, scripts = request.param
    with at_a_browser(live_server, tmp_path, size, scripts=scripts) as found:
        yield found


def in_a_browser(*without):
    return pytest.mark.parametrize("person", [*WITH_SCRIPTS, *without], indirect=True)


@pytest.fixture
def moderator(db):
    return make_moderator(username="mod", password=PASSWORD)


@pytest.fixture
def player(db):
    return make_user("player_one", PASSWORD)


@pytest.fixture
def charts(db):
    return [make_chart(level=14 + each) for each in range(4)]


def came_in(import_, **ago):
    """It is that old."""
    at = timezone.now() - timedelta(**ago)
    Import.objects.filter(pk=import_.pk).update(received_at=at)
    return import_


def an_evening(player, charts, day, score=9_000_000, **sent):
    """Plays of an evening, that many days ago, as a client sends them."""
    at = NOON + (30 - day) * 24 * HOUR
    plays = [play(each, score + day, at + n * 60_000) for n, each in enumerate(charts)]
    said = document(*plays, service=f"day {day}, {score}")
    return came_in(run_inline(send(player, said, **sent)), days=day)


def state_now(import_):
    return Import.objects.get(pk=import_.pk).state


def ratings_of(player):
    return dict(GameStats.objects.filter(user=player).values_list("gpt", "ratings"))


def short(import_):
    return f"{import_.import_id[:12]}…"


def page_of(import_):
    return reverse("admin:imports_import_change", args=[import_.pk])


@in_a_browser()
def test_a_hook_goes_wild_for_a_week_and_a_moderator_takes_all_of_it_back(
    person, moderator, charts, settings, api
):
    settings.BATCH_LARGE_SCORES = 50
    players = [make_user(f"player_{n}", PASSWORD) for n in range(4)]
    for each in players:
        an_evening(each, charts, 12, user_agent="GoodHook/1.0")
        an_evening(each, charts[:2], 9, user_agent=HOOK)  # it was right until then
        an_evening(each, charts[1:], 4, user_agent="GoodHook/1.0")
    before = [state_of(each) for each in players]
    for number in range(52):
        day = 1 + number % 6
        wrong = charts[number % 4 : number % 4 + 1]
        player = players[number % 4]
        an_evening(player, wrong, day, 9_900_000 + number * 10, user_agent=HOOK)
    assert all(
        state_of(each) != then for each, then in zip(players, before, strict=True)
    )
    wrecked = [state_of(each) for each in players]

    find_the_source(person, moderator, players)
    batch = revert_all_of_it(person, players, wrecked)
    assert [state_of(each) for each in players] == before
    assert Import.objects.completed().filter(user_agent=HOOK).count() == len(players)
    stop_the_source(person, moderator, players, batch)
    refused = api.post(
        "/ir/direct-manual/import",
        json.dumps(document(play(charts[0], time=NOON))),
        token=make_token(players[0], "submit_score"),
        headers={"User-Agent": HOOK},
    )
    assert refused.status_code == 403, refused.content
    is_told_why(person, players[0])


def find_the_source(person, moderator, players):
    """Filter the list by the client and the last seven days."""
    person.moderate(moderator)
    person.leave(person.find(f"nav.places a[href='{MODERATED}']").click)
    if not person.is_wide:
        person.find(".filters summary").click()
    person.leave(lambda: person.type(parameter("userAgent"), f"{HOOK}\n"))
    person.follow("Seven days")
    person.reads(f"52 found: received since 7 days ago, user agent {HOOK}.")
    assert set(person.column("user")) == {each.username for each in players}


def revert_all_of_it(person, players, wrecked):
    """Draft a batch of all that is listed, read what it would do, and confirm it."""
    person.find("#action-toggle").click()
    person.find(".question a").click()
    person.choose("revert")
    person.reads(
        "Drafted a batch of 52 imports.",
        "Draft: would revert 52 imports of 4 players: 52 scores would go.",
        "Nothing is reverted yet.",
        "What it would do",
    )
    assert [state_of(each) for each in players] == wrecked
    batch = RevertBatch.objects.get()
    person.type("reason", "BrokenHook 2.1 sent scores of other players")
    person.reads("Type the number of imports, 52:")
    person.type("imports", "52")
    person.click("Revert 52 imports")
    person.reads("Confirmed.", "Waiting for its turn: 0 of 52 imports.")
    run_to_end(batch)
    person.wait_for("Done: 52 of 52 imports of 4 players were reverted, with 52 scores")
    person.reads("4 of 4 players: what is computed from their scores was found right")
    return batch


def stop_the_source(person, moderator, players, batch):
    """Make a rule from the batch's page."""
    person.follow("Reverted 52")
    person.reads(*(each.username for each in players))
    person.click("Stop this source")
    assert person.find("[name=userAgent]").get_property("value") == HOOK
    person.type("text", "Your hook is broken. Update it to 2.2.")
    person.click("Stop this source")
    rule = ImportRule.objects.get()
    assert (rule.batch, rule.made_by) == (batch, moderator)
    person.open(reverse("admin:imports_revertbatch_change", args=[batch.pk]))
    person.reads("Stopped by a rule")


def is_told_why(person, player):
    """The player reads his notice."""
    person.sign_in(player)
    person.reads("You have not read yet")
    person.follow("Notices")
    person.reads(
        "13 of your imports, with 13 scores, were reverted.",
        "Reason: BrokenHook 2.1 sent scores of other players.",
    )
    person.press(".notices a[href^='/imports/']")
    person.reads("It was reverted by mod", "BrokenHook 2.1 sent scores of other")
    person.open(reverse("pages:notices"))
    person.click("Mark as read")
    assert "unread" not in person.text


@in_a_browser(*WITHOUT)
def test_one_faulty_import_is_found_understood_and_reverted(
    person, moderator, player, charts
):
    an_evening(player, charts, 3)
    before = state_of(player)
    wrong = [play(each, 9_950_000, NOON + HOUR) for each in charts]
    wrong += [play(charts[0], 9_000_000 + n, FAR_AHEAD) for n in range(30)]
    faulty = make_import(player, *wrong, play(UNKNOWN), service="a script")
    an_evening(make_user("bystander"), charts, 1)
    assert state_of(player) != before

    person.moderate(moderator)
    person.open(MODERATED)
    person.reads("4 in", "30 rejected")
    person.follow(faulty.import_id[:12])
    person.reads(
        "4 imported, 1 orphaned",
        "30 rejected",
        "rows 5–34",
        "in the future",
        charts[0].song.title,
    )
    wrecked = state_of(player)
    person.click("Revert…")
    person.reads("4 scores of 1 player will go.", "1 orphan will go.")
    assert state_of(player) == wrecked
    person.type("reason", "scores of somebody else")
    person.click("Yes, revert")
    person.reads("Reverted 1 import with 4 scores.", "Reason: scores of somebody else")
    assert state_of(player) == before
    assert Revert.objects.get().reverted_by == moderator


@in_a_browser()
def test_a_dan_stays_after_the_revert_until_a_moderator_withdraws_it(
    person, moderator, player, charts
):
    make_import(player, play(charts[0]), classes={"dan": "DAN_3"}, service="good")
    before = state_of(player)
    import_ = make_import(player, play(charts[1]), classes={"dan": "DAN_9"})

    def dan():
        return GameStats.objects.get(user=player).classes["dan"]

    assert dan() == "DAN_9"
    person.moderate(moderator)
    person.open(MODERATED)
    person.follow(import_.import_id[:12])
    person.reads("Class changed")
    person.click("Revert…")
    person.reads("1 provided class will stay")
    person.type("reason", "not his dan")
    person.click("Yes, revert")
    person.reads("1 provided class to look at in the class review.")
    assert dan() == "DAN_9"

    person.open(reverse("admin:index"))
    person.reads("1 class of reverted imports waits for a decision.")
    person.follow("1 class of reverted imports")
    person.reads("9th Dan", "player_one")
    person.act_on(ClassClaim.objects.get(source_import=import_), "withdraw")
    person.reads("9th Dan", "3rd Dan", "not his dan")
    person.click("Yes, withdraw")
    person.reads("Withdrew 1 class.")
    assert dan() == "DAN_3"
    assert state_of(player) == before
    person.open(reverse("admin:index"))
    person.reads("No class waits for a decision.")


@in_a_browser()
def test_my_import_does_nothing(person, moderator, player, charts):
    first = an_evening(player, charts, 2)
    again = run_inline(
        send(player, document(*_plays_again(charts)), user_agent="a hook")
    )

    person.sign_in(player)
    person.follow("Imports")
    person.reads("4 held")
    person.press(f"a[href='/imports/{again.import_id}/']")
    person.reads(f"Nothing new: all 4 scores are held by import {short(first)}.")
    person.follow(short(first))
    person.reads(first.import_id, *(each.song.title for each in charts))

    person.moderate(moderator)
    person.open(f"{MODERATED}?user={player.username}")
    person.follow(again.import_id[:12])
    person.reads(f"Nothing new: all 4 scores are held by import {short(first)}.")
    person.follow(short(first))
    person.reads("All 4 scores are new.", charts[0].song.title)
    assert {state_now(each) for each in (first, again)} == {State.COMPLETED}


def _plays_again(charts):
    """What `an_evening` two days ago was."""
    at = NOON + 28 * 24 * HOUR
    return [play(each, 9_000_002, at + n * 60_000) for n, each in enumerate(charts)]


@in_a_browser()
def test_a_player_wrecks_his_profile_and_takes_it_back(
    person, player, charts, settings, tmp_path
):
    settings.IMPORT_INLINE = True
    an_evening(player, charts, 2)
    before, ratings = state_of(player), ratings_of(player)
    file = tmp_path / "friend.json"
    wrong = [play(each, 9_990_000, NOON + HOUR) for each in charts[:2]]
    wrong += [play(charts[0], 9_000_000, FAR_AHEAD), play(UNKNOWN)]
    file.write_text(json.dumps(document(*wrong, service="a friend")))

    person.sign_in(player)
    person.follow("Imports")
    person.find("#upload-file").send_keys(str(file))
    person.find("#upload button[value=try]").click()
    person.wait_for("This is what importing it would do")
    assert "The file was not kept" not in person.text  # it is, where scripts run
    person.reads("Nothing was stored.", "2 new", "1 rejected", "1 orphaned")
    assert state_of(player) == before
    person.press("#upload button[value=import]")
    person.reads("2 new", "1 rejected", "in the future", "row 3", str(UNKNOWN))
    make_token(player, "submit_score")
    token = ApiToken.objects.get(user=player)
    ApiToken.objects.update(identifier="my script")
    for hour in (1, 2, 3):
        plays = [play(each, 9_995_000 + hour, NOON + hour * HOUR) for each in charts]
        run_inline(send(player, document(*plays), token=token))
    assert ratings_of(player) != ratings

    person.follow("Tokens")
    person.reads("my script")
    person.click("Revert all it sent")
    person.click("Show what would go")
    person.reads("Nothing is reverted yet", "12 scores go")
    person.click("Revert 3 imports")
    person.reads("3 reverted, with 12 scores.")

    person.open(reverse("pages:home"))
    person.follow("Revert several imports")
    person.type("since", "1 hour ago")
    person.click("Show what would go")
    person.reads("2 scores go", "1 orphan goes")
    person.click("Revert 1 import")
    person.reads("1 reverted, with 2 scores.")
    assert state_of(player) == before
    assert ratings_of(player) == ratings
    assert Import.objects.completed().count() == 1


@in_a_browser(*WITHOUT)
def test_an_undo_is_undone_by_the_owner_and_by_a_moderator(
    person, moderator, player, charts
):
    better = {6: 9_000_000, 4: 9_500_000, 2: 9_200_000}
    imports = [an_evening(player, charts, *each) for each in better.items()]
    before = state_of(player)
    page = f"/imports/{imports[1].import_id}/"

    def revert():
        person.press(f"a[href='{page}']")
        person.click("Revert…")
        person.reads("Revert this import?", "4 scores go.", "Ratings")
        person.type("reason", "I thought it was wrong")
        person.click("Revert it")
        person.reads("Reverted. 4 scores went.", "I thought it was wrong")
        assert state_now(imports[1]) == State.REVERTED
        assert state_of(player) != before

    def restore():
        person.click("Restore")
        person.reads("Restore this import?", "4 scores come back.")
        person.click("Restore it")
        person.reads("Restored. It has 4 scores again.")
        assert state_of(player) == before

    person.sign_in(player)
    person.follow("Imports")
    revert()
    restore()  # from its page
    person.follow("Imports")
    revert()
    person.follow("Imports")
    restore()  # from the list

    batch = ran(*imports, by=asked(moderator))
    assert state_of(player) != before
    person.moderate(moderator)
    person.open(reverse("admin:imports_revertbatch_changelist"))
    person.press("#result_list th a")
    person.reads("Done: 3 of 3 imports of 1 player were reverted")
    person.follow("Restore what it reverted…")
    person.reads("Restore 3 imports of 1 player", "Nothing has changed yet.")
    assert Import.objects.reverted().count() == 3
    person.click("Yes, restore")
    run_to_end(RevertBatch.objects.get(pk=batch.pk))
    person.wait_for("Restored by mod: 3 imports are back.")
    assert state_of(player) == before
