"""Batches of reverts over HTTP: by a session of somebody who moderates."""

import csv

import pytest

from imports.batches.run import run_to_end
from imports.models import RevertBatch, State
from scores.models import Score
from tachi.accounts.models import AuthLevel
from tests.factories import NOON, make_chart, make_import, make_user, play
from tests.imports.batches.making import make_player, state_of_import
from tests.rights.people import make_moderator, make_staff

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/revert-batches"
KEYS = {
    "batchID", "kind", "state", "createdBy", "origin", "reason", "note", "filters",
    "imports", "done", "reverted", "scores", "kept", "refused", "failed", "players",
    "verified", "etaSeconds", "fingerprint", "createdAt", "startedAt", "finishedAt",
    "restorableUntil", "held",
}  # fmt: skip


@pytest.fixture
def mod(api):
    return api.login(make_moderator(username="mod_1"))


def run(document):
    run_to_end(RevertBatch.objects.get(batch_id=document["batchID"]))


def body_of(response, status=200):
    answer = response.json()
    assert response.status_code == status, answer
    return answer["body"]


def address(document, *more):
    return "/".join([BATCHES, document["batchID"], *more])


def test_a_batch_from_its_draft_to_its_restore(mod, chart):
    user, (old, new) = make_player(chart, 1, 2)
    sent = {"filters": {"user": user.username}, "reason": "a wrong chart", "note": "x"}

    batch = body_of(mod.post(BATCHES, sent), 201)

    assert set(batch) >= KEYS
    told = {"state": "draft", "imports": 2, "done": 0, "players": 1, "origin": "api"}
    told |= {"filters": sent["filters"], "reason": "a wrong chart", "note": "x"}
    assert batch | told == batch
    assert batch["preview"]["scores"]["removed"] == 2
    assert state_of_import(old) == State.COMPLETED

    sent = {"fingerprint": batch["fingerprint"], "imports": 2}
    assert body_of(mod.post(address(batch, "confirm"), sent))["state"] == "queued"
    run(batch)
    batch = body_of(mod.get(address(batch)))
    assert (batch["state"], batch["reverted"], batch["verified"]) == ("done", 2, 1)
    assert batch["restorableUntil"] > batch["finishedAt"] >= batch["startedAt"]
    found = body_of(mod.get(address(batch, "outcomes")))
    assert [each["importID"] for each in found["outcomes"]] == [
        new.import_id,
        old.import_id,
    ]
    assert (
        found["outcomes"][0] | {"state": "reverted", "why": "", "scores": 1}
        == (found["outcomes"][0])
    )

    assert body_of(mod.post(address(batch, "restore")))["state"] == "restoring"
    run(batch)
    assert body_of(mod.get(address(batch)))["state"] == "restored"
    assert state_of_import(old) == State.COMPLETED


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "either"),
        ({"filters": {}}, "nothing at all"),
        ({"importIDs": []}, "nothing at all"),
        ({"filters": {"user": "mod_1"}, "importIDs": ["x"]}, "either"),
        ({"filters": {"colour": "red"}}, "Unexpected"),
        ({"filters": {"user": ""}}, "filters.user"),
        ({"filters": {"user": "nobody_here"}}, "nobody_here"),
        ({"filters": {"importType": "no/such"}}, "filters.importType"),
        ({"filters": {"since": "some day"}}, "filters.since"),
        ({"filters": {"user": "mod_1"}}, "No completed import"),
        ({"importIDs": ["0" * 40]}, "no import"),
        ({"importIDs": "x"}, "array"),
        ({"filters": {"user": "mod_1"}, "reasons": "typo"}, "Unexpected"),
        ({"importIDs": ["0" * 40], "runAgain": {"playtype": "Triple"}}, "playtype"),
    ],
)
def test_what_selects_nothing_or_means_nothing_is_refused(mod, chart, sent, says):
    make_player(chart, 1)
    response = mod.post(BATCHES, sent)
    assert response.status_code == 400
    assert says in response.json()["description"]
    assert not RevertBatch.objects.exists()


def test_another_fingerprint_is_409_with_what_holds_now(mod, chart):
    _, (one,) = make_player(chart, 1)
    batch = body_of(mod.post(BATCHES, {"importIDs": [one.import_id]}), 201)
    for sent in (
        {"fingerprint": "0" * 64},
        {"fingerprint": batch["fingerprint"], "imports": 7},
    ):
        response = mod.post(address(batch, "confirm"), sent)
        assert response.status_code == 409
        assert response.json()["body"]["fingerprint"] == batch["fingerprint"]
        assert response.json()["body"]["preview"] == batch["preview"]
    response = mod.post(address(batch, "confirm"), {"fingerprint": "x", "typo": 1})
    assert response.status_code == 400
    assert body_of(mod.get(address(batch)))["state"] == "draft"


def test_what_is_not_possible_is_409_and_says_what_it_is(mod, chart):
    _, (one,) = make_player(chart, 1)
    batch = body_of(mod.post(BATCHES, {"importIDs": [one.import_id]}), 201)
    for verb in ("pause", "resume", "restore", "retry-failed"):
        response = mod.post(address(batch, verb))
        assert (response.status_code, verb) == (409, verb)
        assert "draft" in response.json()["description"]
    assert body_of(mod.post(address(batch, "cancel")))["state"] == "cancelled"
    assert mod.post(address(batch, "cancel")).status_code == 409


def test_a_batch_is_held_and_let_go(mod, chart):
    _, (one,) = make_player(chart, 1)
    batch = body_of(mod.post(BATCHES, {"importIDs": [one.import_id]}), 201)
    assert body_of(mod.post(address(batch, "hold")))["held"] is True
    assert body_of(mod.post(address(batch, "hold"), {"held": True}))["held"] is True
    assert body_of(mod.post(address(batch, "hold")))["held"] is False


def test_batches_are_listed_in_pages_newest_first(mod, chart):
    _, imports = make_player(chart, 1, 2, 3)
    made = [
        body_of(mod.post(BATCHES, {"importIDs": [each.import_id]}), 201)["batchID"]
        for each in imports
    ]
    page = body_of(mod.get(f"{BATCHES}?limit=2"))
    assert [each["batchID"] for each in page["batches"]] == made[:0:-1]
    assert "preview" not in page["batches"][0]
    rest = body_of(mod.get(f"{BATCHES}?limit=2&cursor={page['next']}"))
    assert [each["batchID"] for each in rest["batches"]] == made[:1]
    assert rest["next"] is None
    assert body_of(mod.get(f"{BATCHES}?state=done"))["batches"] == []
    assert mod.get(f"{BATCHES}?state=ended").status_code == 400


def test_outcomes_page_and_come_as_csv(mod, chart):
    _, imports = make_player(chart, 1, 2, 3)
    ids = [each.import_id for each in imports]
    batch = body_of(mod.post(BATCHES, {"importIDs": ids}), 201)
    page = body_of(mod.get(address(batch, "outcomes?limit=2")))
    rest = body_of(mod.get(address(batch, f"outcomes?cursor={page['next']}&limit=2")))
    found = [each["importID"] for each in page["outcomes"] + rest["outcomes"]]
    assert found == ids[::-1]
    assert body_of(mod.get(address(batch, "outcomes?state=failed")))["outcomes"] == []
    response = mod.get(address(batch, "outcomes.csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(response.content.decode().splitlines()))
    assert [row["importID"] for row in rows] == ids[::-1]
    assert rows[0]["state"] == "waiting"


def test_the_same_client_key_is_the_same_draft(mod, chart):
    _, (one, two) = make_player(chart, 1, 2)
    sent = {"importIDs": [one.import_id], "clientKey": "abc"}
    first = body_of(mod.post(BATCHES, sent), 201)
    again = body_of(mod.post(BATCHES, sent | {"importIDs": [two.import_id]}), 201)
    assert again["batchID"] == first["batchID"]


def test_imports_with_other_playtypes_are_told_apart(mod):
    user = make_user()
    plain, both = (make_import(user, play(make_chart(), 1, NOON + n)) for n in (1, 2))
    Score.objects.filter(source_import=both).update(gpt="iidx:SP")
    Score.objects.filter(source_import=plain).update(gpt="iidx:SP")
    other = make_import(user, play(make_chart(), 1, NOON + 3))
    Score.objects.filter(source_import=other).update(gpt="iidx:DP", source_import=both)
    sent = {"filters": {"playtype": "SP"}}
    batch = body_of(mod.post(BATCHES, sent), 201)
    assert (batch["imports"], batch["otherPlaytypes"]) == (2, 1)
    found = body_of(mod.get(address(batch, "outcomes")))["outcomes"]
    told = {each["importID"]: each["otherPlaytypes"] for each in found}
    assert told == {plain.import_id: False, both.import_id: True}


def test_an_administrator_by_level_may_and_a_plain_staff_member_may_not(api, chart):
    _, (one,) = make_player(chart, 1)
    sent = {"importIDs": [one.import_id]}
    api.login(make_staff("imports.view_import"))
    assert api.post(BATCHES, sent).status_code == 403
    api.login(make_staff("imports.bulk_revert"))
    body_of(api.post(BATCHES, sent), 201)
    api.login(make_user(auth_level=AuthLevel.ADMIN))
    body_of(api.post(BATCHES, sent), 201)


def test_a_moderator_does_not_touch_imports_of_staff(mod, chart):
    theirs = make_import(make_moderator(username="umpire"), play(chart, 1, NOON))
    response = mod.post(BATCHES, {"importIDs": [theirs.import_id]})
    assert response.status_code == 403
    assert "umpire" in response.json()["description"]


def test_a_large_batch_is_confirmed_with_its_number_and_a_reason(mod, chart, settings):
    settings.BATCH_LARGE_SCORES = 1
    _, imports = make_player(chart, 1, 2)
    sent = {"importIDs": [each.import_id for each in imports]}
    batch = body_of(mod.post(BATCHES, sent), 201)
    sent = {"fingerprint": batch["fingerprint"]}
    for more in ({}, {"imports": 2}, {"reason": "why"}):
        response = mod.post(address(batch, "confirm"), sent | more)
        assert response.status_code == 400
    body_of(mod.post(address(batch, "confirm"), sent | {"imports": 2, "reason": "y"}))


def test_a_site_without_workers_runs_it_in_the_request(mod, chart, settings):
    settings.IMPORT_INLINE = True
    _, (one,) = make_player(chart, 1)
    batch = body_of(mod.post(BATCHES, {"importIDs": [one.import_id]}), 201)
    sent = {"fingerprint": batch["fingerprint"]}
    assert body_of(mod.post(address(batch, "confirm"), sent))["state"] == "done"
