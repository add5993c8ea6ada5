"""What players are told of reverts and restores: one notice for each batch."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import RequestedBy, RevertBatch
from imports.tasks import purge
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tachi.accounts.models import AuthLevel
from tachi.api.times import milliseconds
from tachi.moderation.models import Entry, Notification
from tachi.moderation.notices import notify
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_token,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db):
    return make_user("boss")


def import_of(user, scores=1):
    return make_import(user, *(play(make_chart()) for _ in range(scores)))


def told(api, user):
    api.login(user)
    return api.get(f"/api/v1/users/{user.pk}/notifications").json()["body"]


def of_batch(user, reason="a broken client"):
    batch = RevertBatch.objects.create(created_by=user, origin="admin", reason=reason)
    return RequestedBy(user, "admin", reason, batch, note="what only we know")


def test_a_revert_by_somebody_else_is_told_with_its_reason_and_nothing_internal(
    api, user, boss, settings
):
    import_, by = import_of(user, 2), of_batch(boss)

    revert_import(import_, by)

    [said] = told(api, user)
    revert = import_.reverts.get()
    until = revert.reverted_at + timedelta(days=settings.RESTORE_DAYS)
    assert said == {
        "notifID": Notification.objects.get().notif_id,
        "title": "One of your imports, with 2 scores, was reverted. "
        "Reason: a broken client. "
        f"This can be undone until {until.date().isoformat()}.",
        "sentTo": user.pk,
        "sentAt": said["sentAt"],
        "read": False,
        "body": {
            "type": "SITE_ANNOUNCEMENT",
            "content": {
                "kind": "reverted",
                "batchID": by.batch.batch_id,
                "reason": "a broken client",
                "imports": 1,
                "scores": 2,
                "restorableUntil": milliseconds(until),
            },
        },
    }
    assert abs(said["sentAt"] - milliseconds(revert.reverted_at)) < 5000
    assert "what only we know" not in str(said)


def test_a_batch_tells_each_player_once_and_is_unread_again_while_it_goes_on(
    api, user, boss
):
    by, other = of_batch(boss), make_user()
    first, second = import_of(user, 2), import_of(user, 3)
    revert_import(first, by)
    [before] = told(api, user)
    address = f"/api/v1/users/{user.pk}/notifications/{before['notifID']}/mark-read"
    assert api.post(address).status_code == 200
    assert told(api, user)[0]["read"] is True

    revert_import(second, by)
    revert_import(import_of(other), by)

    [after] = told(api, user)
    assert after["notifID"] == before["notifID"]
    assert after["read"] is False
    assert after["sentAt"] >= before["sentAt"]
    content = after["body"]["content"]
    assert (content["imports"], content["scores"]) == (2, 5)
    until = before["body"]["content"]["restorableUntil"]
    assert content["restorableUntil"] == until
    assert after["title"].startswith("2 of your imports, with 5 scores, were reverted.")
    assert len(told(api, other)) == 1


def test_other_batches_and_restores_tell_anew(api, user, boss):
    imports = [import_of(user) for _ in range(2)]
    for import_ in imports:
        revert_import(import_, of_batch(boss, "one by one"))
    for import_ in imports:
        restore_import(import_, RequestedBy(boss, "api", "sorry"))

    said = told(api, user)

    kinds = [each["body"]["content"]["kind"] for each in said]
    assert sorted(kinds) == ["restored", "restored", "reverted", "reverted"]
    times = [each["sentAt"] for each in said]
    assert times == sorted(times, reverse=True)
    restored = next(each for each in said if "restored" in each["title"])
    title = "One of your imports, with 1 score, was restored. Reason: sorry."
    assert restored["title"] == title
    assert restored["body"]["content"]["restorableUntil"] is None


def test_restores_of_one_batch_are_told_together(api, user, boss):
    by, imports = of_batch(boss), [import_of(user) for _ in range(3)]
    for import_ in imports:
        revert_import(import_, by)
    for import_ in imports:
        restore_import(import_, RequestedBy(boss, "admin"))

    assert len(told(api, user)) == 2
    counts = [each["body"]["content"]["imports"] for each in told(api, user)]
    assert counts == [3, 3]


def test_what_one_does_to_ones_own_is_not_told(api, user):
    import_ = import_of(user)
    token = make_token(user, "delete_score")
    for verb in ("revert", "restore"):
        path = f"/api/v1/imports/{import_.import_id}/{verb}"
        assert api.post(path, token=token).status_code == 200

    assert told(api, user) == []


@pytest.mark.parametrize("how", ["command", "administrator"])
def test_a_command_and_an_administrator_are_somebody_else(api, user, how):
    import_ = import_of(user)
    if how == "command":
        args = ["revert_imports", import_.import_id, "--reason", "why"]
        call_command(*args, verbosity=0)
    else:
        api.login(make_user(auth_level=AuthLevel.ADMIN))
        path = f"/api/v1/imports/{import_.import_id}/revert"
        assert api.post(path).status_code == 200

    assert len(told(api, user)) == 1


def test_a_revert_takes_two_statements_for_the_log_and_the_notice(user, boss):
    def statements(by):
        import_ = import_of(user)
        with CaptureQueriesContext(connection) as found:
            revert_import(import_, by)
        return [
            each["sql"] for each in found if "moderation_" in each["sql"].split("(")[0]
        ]

    by = of_batch(boss)
    for _ in range(2):
        assert len(statements(by)) == 2
    assert len(statements(RequestedBy(user, "api"))) == 1


def send_to(user, about, age=0, **more):
    notify(user.pk, Notification.Kind.REVERTED, about, {"reason": about})
    rows = Notification.objects.filter(user=user, about=about)
    rows.update(sent_at=timezone.now() - timedelta(seconds=age), **more)
    return rows.get()


def test_all_are_marked_and_deleted_but_what_came_just_now(api, user):
    """Tachi spares what is younger than two seconds: nobody has seen it."""
    old, new = send_to(user, "old", 3), send_to(user, "new")
    others = send_to(make_user(), "another's", 60)
    api.login(user)
    path = f"/api/v1/users/{user.username}/notifications"

    assert api.post(f"{path}/mark-all-read").json()["body"] == {}

    read = dict(Notification.objects.values_list("pk", "read"))
    assert read == {old.pk: True, new.pk: False, others.pk: False}

    assert api.post(f"{path}/delete-all").json()["body"] == {}

    assert set(Notification.objects.all()) == {new, others}

    assert api.delete(path).json()["body"] == {}

    assert set(Notification.objects.all()) == {others}


def test_nobody_reads_or_marks_anothers(api, user):
    notice = send_to(user, "mine")
    stranger = make_user()
    api.login(stranger)
    path = f"/api/v1/users/{user.pk}/notifications"
    own = f"/api/v1/users/{stranger.pk}/notifications"

    assert api.get(path).status_code == 403
    assert api.delete(path).status_code == 403
    assert api.post(f"{path}/{notice.notif_id}/mark-read").status_code == 403
    assert api.post(f"{own}/{notice.notif_id}/mark-read").status_code == 404
    assert Notification.objects.get().read is False


def test_the_list_pages_newest_first(api, user):
    sent = [send_to(user, f"{n}", age=n).notif_id for n in range(5)]
    api.login(user)
    path = f"/api/v1/users/{user.pk}/notifications"
    answer = api.get(f"{path}?limit=3")
    found = [each["notifID"] for each in answer.json()["body"]]
    link = answer.headers["Link"].split(">")[0].split("?")[1]
    found += [each["notifID"] for each in api.get(f"{path}?{link}").json()["body"]]
    assert found == sent


def test_what_was_read_long_ago_goes_and_the_log_stays(user, settings):
    day = 24 * 60 * 60
    revert_import(import_of(user), OPERATOR)
    Notification.objects.all().delete()
    send_to(user, "read", age=91 * day, read=True)
    send_to(user, "unread", age=900 * day)
    send_to(user, "read lately", age=89 * day, read=True)
    Entry.objects.update(at=timezone.now() - timedelta(days=9000))

    purge()

    left = set(Notification.objects.values_list("about", flat=True))
    assert left == {"unread", "read lately"}
    assert Entry.objects.count() == 1
