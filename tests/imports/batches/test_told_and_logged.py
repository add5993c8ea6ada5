"""What is left of a batch beside its rows: the log, word to the players, classes."""

import json

import pytest

from imports.batches import control
from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.class_review.decide import withdraw
from imports.models import Origin, RequestedBy
from imports.undo.preview import preview_restores
from imports.undo.restore import restore_import
from imports.undo.run_again import run_again
from scores.models import ClassClaim, GameStats
from tachi.moderation.models import Entry
from tests.commands import call
from tests.factories import OPERATOR, make_import, make_user, play
from tests.imports.batches.making import (
    confirmed,
    drafted,
    make_player,
    outcomes,
    ran,
    restored,
)

pytestmark = pytest.mark.django_db
NOTE = "only we know this"


@pytest.fixture
def boss(db):
    return make_user("boss")


@pytest.fixture
def by(boss):
    return RequestedBy(boss, Origin.ADMIN, "a broken client", note="in confidence")


def logged(batch=None):
    """(verb, reason, note) of each entry, oldest first."""
    entries = Entry.objects.order_by("pk")
    if batch:
        entries = entries.filter(batch_id=batch.batch_id)
    return list(entries.values_list("verb", "reason", "note"))


def dan_of(user):
    stats = GameStats.objects.filter(user=user).first()
    return stats and stats.classes.get("dan")


def with_dans(chart, *dans):
    """A player with an import for each class."""
    user = make_user()
    return user, [
        make_import(
            user, play(chart, 1000 + n), classes={"dan": dan}, service=f"tool {n}"
        )
        for n, dan in enumerate(dans)
    ]


def test_each_verb_of_a_batch_is_logged_with_who_and_why(chart, boss, by):
    _, imports = make_player(chart, 1, 2)
    batch = drafted(*imports, by=by, note=NOTE)
    control.confirm(batch, RequestedBy(boss, "admin"), batch.fingerprint)
    control.pause(batch, by)
    control.resume(batch, by)
    control.hold(batch, by)
    control.hold(batch, by)
    run_to_end(batch)
    batch.outcomes.filter(position=0).update(state="failed")
    control.retry_failed(batch, by)
    control.cancel(batch, by)
    control.restore(batch, RequestedBy(boss, "api", "sorry", note="ours"))

    said = "a broken client", "in confidence"
    assert logged(batch) == [
        ("draft batch", "a broken client", NOTE),
        ("confirm batch", "a broken client", NOTE),
        ("pause batch", *said),
        ("resume batch", *said),
        ("hold batch", *said),
        ("release batch", *said),
        ("revert", "a broken client", NOTE),
        ("revert", "a broken client", NOTE),
        ("retry failed of batch", *said),
        ("cancel batch", *said),
        ("restore batch", "sorry", "ours"),
    ]
    entries = Entry.objects.filter(subject_kind="batch")
    assert {(each.by, each.subject_id) for each in entries} == {(boss, batch.batch_id)}
    run_to_end(batch)
    assert logged(batch)[11:] == [("restore", "sorry", "ours")]
    assert Entry.objects.latest("pk").origin == "api"


def test_what_is_refused_is_not_logged(chart, by):
    _, imports = make_player(chart, 1)
    batch = ran(*imports, by=by)
    before = logged()
    for verb in (control.pause, control.resume, control.retry_failed):
        with pytest.raises(control.NotPossible):
            verb(batch, by)
    assert logged() == before


def test_a_dry_run_of_a_command_leaves_no_entry(chart):
    user, _ = make_player(chart, 1)
    call("revert_imports", "--user", user.username, "--dry-run", "--json")
    assert not Entry.objects.exists()


def test_each_player_of_a_batch_is_told_once_and_nothing_internal(api, chart, boss, by):
    one, ones = make_player(chart, 1, 2, 3)
    other, others = make_player(chart, 4)
    batch = ran(*ones, *others, by=by, note=NOTE)
    restored(batch, RequestedBy(boss, "admin", "sorry", note="in confidence"))

    for user, imports in ((one, ones), (other, others)):
        api.login(user)
        answer = api.get(f"/api/v1/users/{user.pk}/notifications")
        back, gone = answer.json()["body"]
        for each, kind, reason in (
            (gone, "reverted", "a broken client"),
            (back, "restored", "sorry"),
        ):
            content = each["body"]["content"]
            assert content["kind"] == kind
            assert content["batchID"] == batch.batch_id
            assert content["imports"] == content["scores"] == len(imports)
            assert content["reason"] == reason
        assert NOTE not in answer.text
        assert "in confidence" not in answer.text


def test_running_again_is_logged_and_its_undoing(chart, by):
    _, [import_] = make_player(chart, 1)
    new = run_again(import_, by).import_
    restore_import(import_, by)

    entries = list(Entry.objects.order_by("pk"))
    assert [each.verb for each in entries] == ["revert", "run again", "restore"]
    assert {each.subject_id for each in entries} == {import_.import_id}
    assert len({each.batch_id for each in entries} - {""}) == 1
    assert entries[1].details == {"runAgainAs": new.import_id}
    assert entries[2].details["tookBack"] == new.import_id
    assert {(each.reason, each.note) for each in entries} == {(by.reason, by.note)}


def changed_classes(preview):
    changed = preview["classes"]["changed"]
    dans = [each for each in changed if each["set"] == "dan"]
    return [(each["userID"], each["old"], each["new"]) for each in dans]


@pytest.mark.parametrize("again", [None, {"playtype": None}])
def test_what_a_preview_says_of_classes_comes(chart, again):
    user, imports = with_dans(chart, "DAN_3", "DAN_5")
    leave = drafted(*imports, run_again=again)
    batch = drafted(*imports, run_again=again, withdraw_classes=True)
    assert batch.fingerprint != leave.fingerprint
    assert leave.preview["classes"]["staying"] == 2
    assert changed_classes(leave.preview) == []
    assert batch.preview["classes"]["staying"] == 0
    shown = changed_classes(batch.preview)
    before = dan_of(user)

    batch = run_to_end(confirmed(batch))

    after = dan_of(user)
    assert shown == ([(user.pk, before, after)] if before != after else [])
    assert (before, after) == ("DAN_5", None if again is None else "DAN_5")
    assert set(batch.outcomes.values_list("state", flat=True)) == {"reverted"}
    verbs = [each for each, _, _ in logged(batch)]
    assert verbs.count("withdraw class") == 2

    preview = preview_restores(user.pk, imports)
    assert preview["imports"] == 2
    back = changed_classes(preview)
    restored(batch)
    assert dan_of(user) == "DAN_5"
    assert back == ([(user.pk, after, "DAN_5")] if after != "DAN_5" else [])


def test_a_restore_says_which_classes_did_not_come_back(chart, by):
    _, [one, two] = with_dans(chart, "DAN_3", "DAN_5")
    batch = ran(one, two)
    withdraw(ClassClaim.objects.get(source_import=two), by)

    said = json.loads(call("restore_imports", "--batch", batch.batch_id, "--json"))

    assert said["restored"] == 2
    assert said["refused"] == []
    found = outcomes(batch)
    assert found[one.import_id] == ("restored", "")
    state, why = found[two.import_id]
    assert state == "restored"
    assert why.startswith("1 provided class stays withdrawn: ")


def test_restoring_a_batch_gives_back_the_export_of_every_player(chart):
    """All but what is a record of the past: it has grown, and nothing else."""
    players = [with_dans(chart, "DAN_3", "DAN_5") for _ in range(2)]

    def exports():
        return [json.loads(call("export_user", user.username)) for user, _ in players]

    before = exports()
    batch = ran(*(each for _, some in players for each in some), withdraw_classes=True)
    between = exports()
    restored(batch)

    for old, gone, now in zip(before, between, exports(), strict=True):
        assert gone["scores"] != old["scores"]
        decisions = [each.pop("decisions") for each in now["classClaims"]]
        assert [[each["decision"] for each in some] for some in decisions] == [
            ["withdrawn", "reinstated"]
        ] * 2
        for each in old["classClaims"]:
            assert each.pop("decisions") == []
        others = {name for name in old if now[name] != old[name]}
        assert others == {"notifications", "moderationLog"}
        assert not old["notifications"]
        assert not old["moderationLog"]


def test_the_same_draft_again_is_not_logged_again(chart, by):
    _, imports = make_player(chart, 1)
    ids = [each.import_id for each in imports]
    for _ in range(2):
        draft(by, import_ids=ids, client_key="once")
    assert [each for each, _, _ in logged()] == ["draft batch"]


def test_an_operator_at_the_shell_is_on_record_by_name(chart, boss):
    _, imports = make_player(chart, 1)
    batch = confirmed(drafted(*imports))
    call("revert_imports", "--pause", batch.batch_id, "--by", "boss", "--reason", "a")
    entry = Entry.objects.get(verb="pause batch")
    assert (entry.by, entry.origin, entry.reason) == (boss, "command", "a")
    assert Entry.objects.get(verb="confirm batch").by is OPERATOR.user
