"""The moderation log: what is in it, and that it outlives what it speaks of."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from imports.models import RequestedBy, State
from imports.undo.revert import revert_import
from scores.models import Score, ScoreBlock
from tachi.accounts.models import AuthLevel
from tachi.moderation.log import Act, Acting, Origin, Subject, Verb, record_each
from tachi.moderation.models import Entry
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.rights.people import make_moderator, make_staff

pytestmark = pytest.mark.django_db

LOG = reverse("admin:moderation_entry_changelist")
CSV = reverse("admin:moderation_entry_csv")


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def acted_by(user, player, verb=Verb.BAN, **more):
    """An entry of somebody's act on a player."""
    said = {"reason": "", "note": "", "batch_id": "", "origin": Origin.ADMIN, **more}
    key, kind = said.pop("key", "1"), said.pop("kind", Subject.PLAYER)
    at = said.pop("at", None)
    text = said.pop("text", "somebody")
    record_each(Acting(user, **said), [Act(verb, kind, key, text, player)])
    entry = Entry.objects.latest("pk")
    if at:
        Entry.objects.filter(pk=entry.pk).update(at=at)
    return entry


def test_an_administrators_acts_on_what_is_anothers_are_logged_by_the_api(api, user):
    import_ = make_import(user, play(make_chart()), play(make_chart()), play(4444))
    admin = make_user("admin_1", auth_level=AuthLevel.ADMIN)
    score, other = (each.score_id for each in Score.objects.all())
    ScoreBlock.objects.create(user=user, score_id="T" + "0" * 64, score={})
    orphan, queued = import_.orphans.get(), make_row(user)
    path = f"/api/v1/users/{user.pk}"

    for each in (user, admin):
        api.login(each)
        api.patch(f"/api/v1/scores/{score}", {"highlight": True})
    assert api.delete(f"/api/v1/scores/{other}").status_code == 200
    assert api.delete(f"{path}/blocks/T{'0' * 64}").status_code == 200
    assert api.delete(f"{path}/orphans/{orphan.orphan_id}").status_code == 200
    assert api.post(f"/api/v1/imports/{queued.import_id}/cancel").status_code == 200

    assert verbs() == [
        "edit score",
        "delete score",
        "lift block",
        "discard orphan",
        "cancel",
    ]
    entries = Entry.objects.all()
    assert {(each.by, each.player, each.origin) for each in entries} == {
        (admin, user, "api")
    }


def test_of_ones_own_acts_only_reverts_and_restores_are_logged(api, user):
    import_ = make_import(user, play(make_chart()), play(make_chart()), play(4444))
    score = Score.objects.first().score_id
    queued = make_row(user)
    api.login(user)
    prefix = make_token(user)[:8]
    path = f"/api/v1/users/{user.pk}"
    own = f"/api/v1/imports/{import_.import_id}"

    for answer in (
        api.post(f"/api/v1/imports/{queued.import_id}/cancel"),
        api.patch(f"/api/v1/scores/{score}", {"highlight": True}),
        api.delete(f"/api/v1/scores/{score}", {"blacklist": True}),
        api.delete(f"{path}/blocks/{score}"),
        api.delete(f"{path}/orphans/{import_.orphans.get().orphan_id}"),
        api.delete(f"{path}/api-tokens/{prefix}"),
        api.post(f"{own}/revert"),
        api.post(f"{own}/restore"),
    ):
        assert answer.status_code == 200

    assert verbs() == ["revert", "restore"]


def test_commands_are_logged_with_nobody_on_record(user):
    failed = make_row(user, state=State.FAILED)
    done, queued = make_import(user, play(make_chart())), make_row(user)
    call_command("create_token", user.username)
    call_command("revert_imports", done.import_id, verbosity=0)
    call_command("restore_imports", done.import_id, verbosity=0)
    call_command("cancel_imports", queued.import_id, "--reason", "why", verbosity=0)
    call_command("delete_user", user.username, "--no-input", verbosity=0)

    assert verbs() == [
        "issue token",
        "confirm batch",
        "revert",
        "restore",
        "cancel",
        "delete user",
    ]
    entries = Entry.objects.all()
    assert {(each.by, each.by_name, each.origin) for each in entries} == {
        (None, "", "command")
    }
    assert failed.import_id not in {each.subject_id for each in entries}


def test_it_outlives_the_import_the_player_and_who_did_it(client, moderator):
    player, gone = make_user("wrecker"), make_user("former_boss")
    import_ = make_import(player, play(make_chart()))
    revert_import(import_, RequestedBy(gone, "admin", "wrong", note="watch him"))
    for name in ("wrecker", "former_boss"):
        call_command("delete_user", name, "--no-input", verbosity=0)

    entry = Entry.objects.get(verb="revert")

    assert (entry.by, entry.player) == (None, None)
    assert (entry.by_name, entry.player_name) == ("former_boss", "wrecker")
    assert entry.subject_id == import_.import_id
    assert (entry.reason, entry.note) == ("wrong", "watch him")
    for query in ("player=WRECKER", "by=former_boss", f"import={import_.import_id}"):
        assert "watch him" in client.get(f"{LOG}?{query}").content.decode(), query
    # Another player may have that name now: it is a former one's entry as well.
    page = client.get(reverse("admin:moderation_entry_change", args=[entry.pk]))
    assert "watch him" in page.content.decode()


@pytest.fixture
def entries(db, moderator):
    """Of each filter's values two: "mine" is what each finds."""
    player, other = make_user("player_1"), make_user("player_2")
    then = timezone.now() - timedelta(days=10)
    batch, id_ = "b" * 40, "a" * 40
    mine = {"kind": Subject.IMPORT, "key": id_, "batch_id": batch, "at": then}
    return [
        acted_by(moderator, player, Verb.REVERT, origin=Origin.API, **mine),
        acted_by(other, other, Verb.BAN, origin=Origin.ADMIN, key=id_),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "player=PLAYER_1",
        "by=Boss",
        "verb=revert",
        "origin=api",
        f"import={'A' * 40}",
        f"batch={'b' * 40}",
        "until=TIME",
    ],
)
def test_each_filter_finds_its_entries_in_the_list_and_in_the_csv(
    client, entries, query
):
    query = query.replace("TIME", f"{timezone.now() - timedelta(days=5):%Y-%m-%d}")
    listed = client.get(f"{LOG}?{query}").context["cl"].queryset
    assert list(listed) == [entries[0]]
    _, row = rows(client.get(f"{CSV}?{query}"))
    assert (row[3], row[5]) == ("revert", "a" * 40)


def rows(answer):
    assert answer.status_code == 200, answer.get("Location")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))


def test_since_and_what_is_no_filter(client, entries):
    day = f"{timezone.now() - timedelta(days=5):%Y-%m-%d}"
    assert [row[3] for row in rows(client.get(f"{CSV}?since={day}"))] == ["verb", "ban"]
    assert len(rows(client.get(CSV))) == 3
    # Nothing that cannot be understood selects everything.
    for bad in ("player=nobody_here", "since=whenever", "verb=nonsense", "batch=x"):
        assert len(rows(client.get(f"{CSV}?{bad}"))) == 1, bad
    assert client.get(f"{CSV}?note__contains=x").status_code == 302
    assert client.get(f"{LOG}?{day}=x").status_code == 302


def test_a_text_that_could_be_a_formula_is_none_in_the_csv(client, moderator):
    texts = ["=1+1", "+1", "-1", "@x", "\t=1", 'a, "b"\nc']
    for text in texts:
        acted_by(moderator, moderator, text=text, reason=text, note=text)

    found = rows(client.get(CSV))

    shown = ["'" + text for text in texts[:-1]] + [texts[-1]]
    for column in (6, 8, 9):
        assert sorted(row[column] for row in found[1:]) == sorted(shown)


def test_the_csv_is_read_in_a_constant_number_of_statements(client, moderator):
    def statements(count):
        for _ in range(count):
            acted_by(moderator, moderator)
        with CaptureQueriesContext(connection) as found:
            rows(client.get(CSV))
        return len(found)

    assert statements(1) == statements(30)


def test_moderators_see_the_log_and_nobody_writes_it(client, user):
    entry = acted_by(make_user(), user, note="watch him")
    client.force_login(make_moderator())
    page = reverse("admin:moderation_entry_change", args=[entry.pk])
    assert "watch him" in client.get(page).content.decode()
    assert "watch him" in b"".join(client.get(CSV).streaming_content).decode()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    delete = reverse("admin:moderation_entry_delete", args=[entry.pk])
    add = reverse("admin:moderation_entry_add")
    for url in (page, delete, add):
        assert client.post(url, {"note": "x", "post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    client.post(LOG, data)
    assert Entry.objects.get().note == "watch him"


def test_an_internal_note_is_not_on_the_pages_of_who_may_not_see_the_log(client, user):
    import_ = make_import(user, play(make_chart()))
    revert_import(import_, RequestedBy(make_user(), "admin", "why", note="watch him"))
    client.force_login(make_staff("imports.view_import"))
    history = reverse("admin:imports_import_history", args=[import_.pk])

    page = client.get(history)

    assert page.status_code == 200
    assert "watch him" not in page.content.decode()
    assert client.get(LOG).status_code == client.get(CSV).status_code == 403
    client.force_login(make_moderator())
    assert "watch him" in client.get(history).content.decode()


def test_an_imports_and_a_players_page_lead_to_the_log(client, moderator, user):
    import_ = make_import(user, play(make_chart()))
    revert_import(import_, OPERATOR)
    for row, query, label in (
        (import_, f"import={import_.import_id}", "Moderation log"),
        (user, f"player={user.username}", "1"),
    ):
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        page = client.get(reverse(f"admin:{name}_change", args=[row.pk]))
        assert f'<a href="{LOG}?{query}">{label}</a>' in page.content.decode()
        assert len(client.get(f"{LOG}?{query}").context["cl"].queryset) == 1


def test_an_entry_that_cannot_be_stored_is_a_revert_that_did_not_happen(
    user, monkeypatch
):
    import_ = make_import(user, play(make_chart()))
    monkeypatch.setattr(Entry.objects, "bulk_create", None)

    with pytest.raises(TypeError):
        revert_import(import_, OPERATOR)

    import_.refresh_from_db()
    assert (import_.state, import_.scores.count()) == (State.COMPLETED, 1)
    assert not user.notifications.exists()
