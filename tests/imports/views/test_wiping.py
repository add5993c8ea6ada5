"""A player wipes his profile in a game and playtype, and brings it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.batches import wipe as wiping
from imports.batches.control import AT_WORK
from imports.batches.run import run_to_end
from imports.models import Revert, RevertBatch, State
from scores.models import GameStats, Score
from tachi.accounts.models import AuthLevel, Permission
from tachi.jobs import leases, run
from tachi.jobs.models import Job
from tachi.moderation.models import Entry, Notification
from tests.conftest import Api
from tests.factories import (
    NOON,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.imports.batches.making import let_wait
from tests.state import state_of

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
SENT = {"!password": PASSWORD}
SDVX = "/api/v1/users/me/games/sdvx/Single"
SP, DP = (f"/api/v1/users/me/games/iidx/{playtype}" for playtype in ("SP", "DP"))
WRONG = "Invalid password."


@pytest.fixture
def player():
    return make_user("player_1", PASSWORD)


@pytest.fixture
def session(api, player):
    return api.login(player)


def iidx(chart):
    return play(chart, 1000, NOON)


def make_iidx_chart(playtype):
    return make_chart("iidx", playtype, difficulty="ANOTHER", data={"notecount": 786})


def make_iidx(user, *plays, playtype="SP", **rest):
    return make_import(user, *plays, game="iidx", playtype=playtype, **rest)


def make_running(user):
    far = timezone.now() + timedelta(minutes=5)
    return make_row(user, state=State.RUNNING, lease_until=far)


def batches_run():
    for batch in RevertBatch.objects.filter(state__in=AT_WORK):
        run_to_end(batch)


def answered(response, status=200):
    answer = response.json()
    assert response.status_code == status, answer
    return answer


def wiped(session, address=SDVX):
    answer = answered(session.delete(address, SENT))
    assert answer["body"] == {}
    batches_run()
    return answer["description"]


@pytest.fixture
def played(player, chart):
    """Imports with scores, an orphan, a class, a score that two of them sent."""
    return [
        make_import(player, play(chart, 8_000_000, NOON), play(99_999)),
        make_import(player, play(chart, 8_000_000, NOON), play(chart, 9_000_000)),
        make_import(player, play(chart, 7_000_000), classes={"dan": "DAN_5"}),
    ]


def test_all_goes_as_one_batch_and_comes_back_exactly(session, player, played):
    before = state_of(player)

    answer = answered(session.delete(SDVX, SENT))

    assert answer["body"] == {}
    batch = RevertBatch.objects.get()
    assert answer["description"] == f"Wiping 3 imports, as batch {batch}."
    assert (batch.state, batch.created_by, batch.origin) == ("queued", player, "api")
    assert batch.reason == "The player wiped this profile."
    assert Score.objects.count() == 3  # nothing is done in the request

    batches_run()
    assert not Score.objects.exists()
    assert not GameStats.objects.exists()
    assert session.get(SDVX).status_code == 404
    listed = answered(session.get("/api/v1/users/me/imports/reverted"))["body"]
    assert {each["batchID"] for each in listed} == {batch.batch_id}
    assert {each["importID"] for each in listed} == {each.import_id for each in played}

    address = f"/api/v1/revert-batches/{batch}"
    document = answered(session.get(address))["body"]
    assert (document["reverted"], document["state"]) == (3, "done")
    assert answered(session.post(f"{address}/restore"))["body"]["state"] == "restoring"
    batches_run()
    assert answered(session.get(address))["body"]["state"] == "restored"
    assert state_of(player) == before
    assert session.get(SDVX).status_code == 200


def test_it_can_be_wiped_again_after_it_was_brought_back(session, player, played):
    wiped(session)
    answered(
        session.post(f"/api/v1/revert-batches/{RevertBatch.objects.get()}/restore")
    )
    batches_run()

    assert "3 imports" in wiped(session)
    assert not Score.objects.exists()
    assert RevertBatch.objects.count() == 2


def test_twice_is_once(session, played):
    answered(session.delete(SDVX, SENT))
    again = answered(session.delete(SDVX, SENT))

    assert again["description"] == "Nothing is left to wipe."
    batches_run()
    assert RevertBatch.objects.count() == 1
    assert session.delete(SDVX, SENT).status_code == 404


def test_other_games_players_and_playtypes_stay_as_they_are(session, player, played):
    other = make_user()
    make_import(other, play(make_chart(), 1, NOON))
    sp, dp = make_iidx_chart("SP"), make_iidx_chart("DP")
    make_iidx(player, iidx(sp))
    make_iidx(player, iidx(dp), playtype="DP")
    make_iidx(player, iidx(99_999), playtype="DP", classes={"dan": "DAN_3"})
    others = state_of(other)
    stays = answered(session.get(DP))["body"]

    wiped(session, SP)

    gpts = set(Score.objects.filter(user=player).values_list("gpt", flat=True))
    assert gpts == {"iidx:DP", "sdvx:Single"}
    assert answered(session.get(DP))["body"] == stays
    assert state_of(other) == others
    assert session.get(SP).status_code == 404
    wiped(session)
    assert state_of(other) == others
    assert answered(session.get(DP))["body"] == stays


@pytest.mark.parametrize("shared", ["scores", "later claims", "orphans", "classes"])
def test_what_holds_another_playtype_too_stays_and_is_told(session, player, shared):
    sp, dp = make_iidx_chart("SP"), make_iidx_chart("DP")
    mixed = make_iidx(player, iidx(sp))
    of_dp = make_iidx(player, iidx(dp), playtype="DP", service="of DP")
    if shared == "scores":
        of_dp.scores.update(source_import=mixed)
    elif shared == "later claims":
        (score,) = of_dp.scores.all()
        mixed.later_claims = {str(score.pk): {}}
        mixed.save()
    elif shared == "orphans":
        waits = make_iidx(player, iidx(99_999), service="waits")
        waits.orphans.update(source_import=mixed, data={"playtype": "DP"})
    else:
        declared = make_iidx(player, playtype="DP", classes={"dan": "DAN_3"})
        declared.classes.update(source_import=mixed)

    text = wiped(session, SP)

    mixed.refresh_from_db()
    assert mixed.state == State.COMPLETED
    assert "1 import that holds another playtype, too, not wiped" in text


@pytest.mark.parametrize("word", ["wrong horse", "", "CORRECT HORSE"])
def test_a_wrong_password_wipes_nothing(session, played, word):
    answer = answered(session.delete(SDVX, {"!password": word}), 403)

    assert answer["description"] == WRONG
    assert not RevertBatch.objects.exists()


@pytest.mark.parametrize("sent", [None, {}, {"!password": 5}, {**SENT, "force": True}])
def test_a_body_without_a_password_is_400(session, played, sent):
    answer = answered(session.delete(SDVX, sent), 400)
    assert PASSWORD not in str(answer)
    assert not RevertBatch.objects.exists()


def test_guesses_are_counted_with_those_of_the_login(
    session, player, played, throttle_clock
):
    for number in range(15):
        here = f"198.51.100.{number}"
        sent = {"!password": "wrong horse"}
        answered(session.delete(SDVX, sent, REMOTE_ADDR=here), 403)

    answered(session.delete(SDVX, SENT, REMOTE_ADDR="192.0.2.7"), 429)
    login = {"username": "player_1", "captcha": "x", **SENT}
    elsewhere = {"REMOTE_ADDR": "192.0.2.8"}
    answered(Api().post("/api/v1/auth/login", login, **elsewhere), 429)
    assert not RevertBatch.objects.exists()


def test_nobody_else_learns_whether_a_password_is_right(api, player, played):
    address = SDVX.replace("me", "player_1", 1)
    token = make_token(player, *Permission.values)
    boss = make_user(auth_level=AuthLevel.ADMIN)
    for word in (PASSWORD, "wrong horse"):
        sent = {"!password": word}
        assert Api().delete(address, sent).status_code == 401
        for who in (make_user(), boss):
            answer = answered(Api().login(who).delete(address, sent), 403)
            assert WRONG not in answer["description"]
        answer = answered(api.delete(address, sent, token=token), 403)
        assert "API key" in answer["description"]
    assert not RevertBatch.objects.exists()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("games/nothing/Single", 400),
        ("games/sdvx/Double", 400),
        ("games/iidx/SP", 404),
    ],
)
def test_the_address_is_looked_at_first(api, session, played, address, status):
    for asking in (session, Api()):
        response = asking.delete(f"/api/v1/users/player_1/{address}", {})
        assert response.status_code == status


def test_what_runs_meanwhile_is_waited_for_and_stays(session, player, played, chart):
    running = make_running(player)

    answered(session.delete(SDVX, SENT))
    batch = RevertBatch.objects.get()
    run.run(leases.take(Job.objects.get(kind="revert-batches").pk), wake=False)
    assert not Revert.objects.exists()

    running.delete()  # it has ended, and one more is there
    stays = make_import(player, play(chart, 6_000_000))
    let_wait(batch)
    batches_run()
    assert Revert.objects.count() == 3
    assert list(Score.objects.values_list("source_import", flat=True)) == [stays.pk]


def test_a_site_without_workers_does_not_wait_for_ever(
    session, settings, player, played
):
    settings.IMPORT_INLINE, settings.REVERT_WAIT_SECONDS = True, 0
    make_running(player)

    answer = answered(session.delete(SDVX, SENT))

    assert RevertBatch.objects.get().state == "done"
    assert "3 imports are left" in answer["description"]
    assert Score.objects.count() == 3


def test_staff_wipe_and_bring_back_their_own(api, player, played):
    player.auth_level = AuthLevel.MODERATOR
    player.save()
    session = api.login(player)

    wiped(session)
    assert not Score.objects.exists()
    answered(
        session.post(f"/api/v1/revert-batches/{RevertBatch.objects.get()}/restore")
    )
    batches_run()
    assert Score.objects.count() == 3


def test_it_is_logged_once_and_the_player_is_not_told_of_it(session, player, played):
    wiped(session)

    entries = Entry.objects.filter(subject_kind="batch")
    (entry,) = entries.values("verb", "by_id", "origin", "reason", "note")
    assert entry["reason"] == wiping.REASON
    assert (entry["by_id"], entry["origin"]) == (player.pk, "api")
    assert entry["note"] == "A wipe of sdvx:Single."
    assert not Notification.objects.exists()


def test_a_site_without_workers_wipes_in_the_request(session, settings, played):
    settings.IMPORT_INLINE = True

    answered(session.delete(SDVX, SENT))

    assert not Score.objects.exists()
    assert RevertBatch.objects.get().state == "done"


def test_a_batch_is_for_who_made_it_of_his_own_imports(session, player, played):
    wiped(session)
    batch = RevertBatch.objects.get()
    address = f"/api/v1/revert-batches/{batch}"
    token = make_token(player, *Permission.values)
    other = Api().login(make_user())
    for method, path in (("GET", address), ("POST", f"{address}/restore")):
        assert Api().send(method, path).status_code == 401
        assert Api().send(method, path, token=token).status_code == 403
        assert other.send(method, path).status_code == 403
    for path in ("", "/outcomes", "/outcomes.csv"):
        status = session.get(f"{address}{path}").status_code
        assert status == (403 if path else 200)
    for verb in ("pause", "resume", "cancel", "confirm", "retry-failed", "hold"):
        assert session.post(f"{address}/{verb}").status_code == 403
    assert answered(session.get(address))["body"]["note"] == ""

    batch.players.create(user=make_user(), name="x", position=9)
    assert session.get(address).status_code == 403
    assert session.post(f"{address}/restore").status_code == 403
