"""Reverts and batches are restored from where they are seen, and asked for first."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from imports.batches import control
from imports.batches.run import run_to_end
from imports.models import BatchImport, BatchPlayer, Revert, RevertBatch, State
from imports.undo.revert import revert_import
from tachi.accounts.models import AuthLevel
from tachi.moderation.models import Entry
from tests.factories import OPERATOR, make_chart, make_import, make_user, play
from tests.imports.admin.moderation import state
from tests.imports.batches.making import asked, drafted, make_player, ran
from tests.rights.people import make_administrator, make_moderator, make_staff

pytestmark = pytest.mark.django_db
BATCHES = reverse("admin:imports_revertbatch_changelist")
REVERTS = reverse("admin:imports_revert_changelist")


@pytest.fixture
def admin(client):
    client.force_login(make_moderator(username="mod"))
    return client


@pytest.fixture
def player():
    return make_player(make_chart(), 8_000_000, 8_100_000, 8_200_000)


def page(row, which="change"):
    return reverse(f"admin:imports_{row._meta.model_name}_{which}", args=[row.pk])


def text_of(client, url):
    return client.get(url, follow=True).content.decode()


def test_a_restore_of_a_batch_is_asked_for_with_what_would_come_back(admin, player):
    user, imports = player
    batch = ran(*imports)
    for url in (BATCHES, page(batch)):
        assert f'href="{page(batch, "restore")}"' in text_of(admin, url)

    answer = admin.post(page(batch), {"verb": "restore"}, follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain == [(page(batch, "restore"), 302)]
    assert "Restore 3 imports of 1 player, which held 3 scores" in text
    assert "<b>3</b> come;" in text
    assert user.username in text
    assert {state(each) for each in imports} == {State.REVERTED}
    assert RevertBatch.objects.get().state == "done"

    sent = {"reason": "all a mistake", "note": "ask next time"}
    text = admin.post(page(batch, "restore"), sent, follow=True).content.decode()
    assert "Restoring." in text
    run_to_end(batch)
    assert {state(each) for each in imports} == {State.COMPLETED}
    entry = Entry.objects.get(verb="restore batch")
    assert (entry.reason, entry.note) == ("all a mistake", "ask next time")
    text = text_of(admin, page(batch, "restore"))
    assert "Nothing of this batch can be restored now." in text
    assert page(batch, "restore") not in text_of(admin, BATCHES)


def test_a_restore_leaves_alone_what_was_restored_by_itself(admin, player):
    batch = ran(*player[1])
    revert = player[1][0].reverts.get()
    admin.post(page(revert, "restore"), {"confirmed": "yes"})
    text = text_of(admin, page(batch, "restore"))
    assert "Restore 2 imports of 1 player" in text
    assert "1 import restored since." in text_of(admin, page(batch))


def test_a_revert_is_restored_from_its_page_and_its_list(admin):
    import_ = make_import(make_user(), play(make_chart()))
    revert_import(import_, OPERATOR)
    revert = Revert.objects.get()
    for url in (REVERTS, page(revert)):
        text = text_of(admin, url)
        assert f'href="{page(revert, "restore")}"' in text
        assert "until <time" in text
    asked_first = text_of(admin, page(revert, "restore"))
    assert import_.import_id[:12] in asked_first
    assert state(import_) == State.REVERTED

    sent = {"confirmed": "yes", "reason": "it was right"}
    text = admin.post(page(revert, "restore"), sent, follow=True).content.decode()
    assert state(import_) == State.COMPLETED
    assert "Restored 1 import with 1 score." in text
    assert re.search(r"Restored</span> <time.*by mod", text)
    assert page(revert, "restore") not in text
    assert "It is restored." in text_of(admin, page(revert, "restore"))


def test_an_old_revert_restores_nothing_of_a_later_one(admin):
    import_ = make_import(make_user(), play(make_chart()))
    revert_import(import_, OPERATOR)
    old = Revert.objects.get()
    admin.post(page(old, "restore"), {"confirmed": "yes"})
    revert_import(import_, OPERATOR)
    admin.post(page(old, "restore"), {"confirmed": "yes"})
    assert state(import_) == State.REVERTED


def test_what_is_too_old_says_so_and_has_no_button(admin):
    revert_import(make_import(make_user(), play(make_chart())), OPERATOR)
    long_ago = timezone.now() - timedelta(days=400)
    Revert.objects.update(reverted_at=long_ago)
    RevertBatch.objects.update(finished_at=long_ago)
    revert = Revert.objects.get()
    for url in (REVERTS, page(revert)):
        text = text_of(admin, url)
        assert "The time for it is over." in text
        assert page(revert, "restore") not in text
    batch = RevertBatch.objects.get()
    assert page(batch, "restore") not in text_of(admin, BATCHES)
    assert page(batch, "restore") not in text_of(admin, page(batch))


def test_reverts_of_staff_name_who_can_restore_them(client, admin):
    revert_import(make_import(make_staff(), play(make_chart())), OPERATOR)
    revert, batch = Revert.objects.get(), RevertBatch.objects.get()
    for url in (REVERTS, page(revert)):
        text = text_of(admin, url)
        assert "an import of staff: needs an administrator" in text
        assert page(revert, "restore") not in text
    assert page(batch, "restore") not in text_of(admin, BATCHES)
    admin.post(page(batch, "restore"), {})
    admin.post(page(revert, "restore"), {"confirmed": "yes"})
    assert Revert.objects.get().restored_at is None

    client.force_login(make_administrator())
    assert page(revert, "restore") in text_of(client, REVERTS)
    assert page(batch, "restore") in text_of(client, BATCHES)


def test_who_only_looks_restores_nothing(client, player):
    batch = ran(*player[1])
    revert = Revert.objects.first()
    client.force_login(make_staff("imports.view_revertbatch", "imports.view_revert"))
    for row, url in ((batch, BATCHES), (revert, REVERTS)):
        assert page(row, "restore") not in text_of(client, url)
        assert client.get(page(row, "restore")).status_code == 403
        sent = {"confirmed": "yes"}
        assert client.post(page(row, "restore"), sent).status_code == 403
    assert not Revert.objects.exclude(restored_at=None).exists()


def test_who_confirmed_and_is_banned_is_said_and_others_still_pause(admin, player):
    boss = make_administrator(username="boss")
    batch = drafted(*player[1], by=asked(boss))
    control.confirm(batch, asked(boss), batch.fingerprint)
    assert "Banned" not in text_of(admin, page(batch))
    boss.auth_level = AuthLevel.BANNED
    boss.save()
    text = text_of(admin, page(batch))
    assert "boss, who confirmed it, is banned by now. It goes on all the same" in text
    assert 'value="pause"' in text
    admin.post(page(batch), {"verb": "pause"})
    batch.refresh_from_db()
    assert batch.state == "paused"


def test_a_draft_says_which_filters_made_it_and_whom_it_is_about(admin, player):
    user, _ = player
    url = f"{reverse('admin:imports_import_changelist')}?user={user.username}"
    sent = {"action": "revert", "select_across": "1", "_selected_action": ["1"]}
    text = admin.post(url, sent, follow=True).content.decode()
    assert f"all completed imports of then with user {user.username}" in text
    assert "Whom it is about" in text
    assert re.search(rf"{user.username}.*?3 scores", text, re.DOTALL)


def test_live_pages_look_again_without_a_script_unless_they_hold_still(admin, player):
    batch = drafted(*player[1])
    control.confirm(batch, OPERATOR, batch.fingerprint)
    text = text_of(admin, page(batch))
    assert '<noscript><meta http-equiv="refresh"' in text
    assert f'data-poll="/api/v1/revert-batches/{batch.batch_id}"' in text
    assert "http-equiv" not in text_of(admin, f"{page(batch)}?still=1")


def statements(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_no_page_asks_for_each_row(admin):
    chart = make_chart()
    batch = ran(*make_player(chart, 8_000_000)[1])
    urls = [BATCHES, REVERTS, page(batch)]
    before = [statements(admin, url)[0] for url in urls]
    for _ in range(3):
        ran(*make_player(make_chart(), 8_000_000, 8_100_000)[1])
    players = BatchPlayer.objects.bulk_create(
        BatchPlayer(batch=batch, name=f"p{n}", position=n + 1, preview=batch.preview)
        for n in range(100)
    )
    BatchImport.objects.bulk_create(
        BatchImport(
            batch=batch, player=players[n % 100], import_id=f"{n:040x}", position=n + 1
        )
        for n in range(999)
    )
    RevertBatch.objects.filter(pk=batch.pk).update(imports=1000)
    after = [statements(admin, url) for url in urls]
    # Of a single player his name is read, for the link to his classes.
    assert [count for count, _ in after] == [*before[:2], before[2] - 1]
    assert after[-1][1] < 60_000
