"""Every act in the admin leaves an entry: who, what and why."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from imports.undo.revert import revert_import
from scores.models import ClassClaim
from tachi.accounts.models import ApiToken
from tachi.jobs.models import Job
from tests.factories import (
    OPERATOR,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
)
from tests.imports.admin.moderation import DAN

pytestmark = pytest.mark.django_db


def act(client, row, action, **more):
    rows = row if isinstance(row, list) else [row]
    name = f"{rows[0]._meta.app_label}_{rows[0]._meta.model_name}"
    keys = [each.pk for each in rows]
    data = {"action": action, "_selected_action": keys, **more}
    url = reverse(f"admin:{name}_changelist")
    if name == "scores_classclaim":
        url += "?state=all"
    return client.post(url, data, follow=True)


def test_each_act_is_kept_with_who_did_it_and_why(client, moderator):
    player = make_user("player_one")
    secret = make_token(player)
    import_ = make_import(player, play(make_chart()), classes=DAN)
    gone = make_import(player, play(make_chart()), classes=DAN)
    revert_import(gone, OPERATOR)
    claim, job = (
        ClassClaim.objects.get(source_import=gone),
        Job.objects.create(kind="x", user=player),
    )
    token = ApiToken.objects.get(prefix=secret[:8])
    for row, action, text in (
        (import_, "revert", "Reverted with 1 score."),
        (import_, "restore", "Restored with 1 score."),
        (make_row(player), "cancel", "Cancelled."),
        (claim, "keep", "Kept."),
        (claim, "withdraw", "Withdrawn."),
        (claim, "reinstate", "Reinstated."),
        (job, "pause", "Paused."),
        (job, "resume", "Queued."),
        (job, "cancel", "Cancelled."),
        (token, "revoke", "Revoked."),
        (player, "ban", "Banned player_one."),
        (player, "unban", "player_one may return."),
    ):
        act(client, row, action, confirmed="yes", reason="a <b>broken</b> client")

        entry = LogEntry.objects.get()
        assert (entry.user, entry.get_edited_object()) == (moderator, row)
        assert entry.change_message == f"{text} Reason: a <b>broken</b> client"
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        page = client.get(reverse(f"admin:{name}_history", args=[row.pk]))
        assert "a &lt;b&gt;broken&lt;/b&gt; client" in page.content.decode()
        entry.delete()
        act(client, row, action, confirmed="yes", reason="once more")
        if action not in {"restore", "revert"}:
            assert not LogEntry.objects.exists(), action


def test_the_reason_of_a_cancellation_is_kept_with_the_import(client, moderator):
    import_ = make_row()
    act(client, import_, "cancel", confirmed="yes", reason="a broken client")
    import_.refresh_from_db()
    assert import_.error_detail == "Cancelled by boss (admin). a broken client"


def test_edits_and_deletions_are_kept(client, moderator):
    user = make_user("player_one")
    url = reverse("admin:accounts_user_change", args=[user.pk])
    said = {"username": "player_one", "auth_level": "2", "is_active": "on"}
    client.post(url, said)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (moderator, str(user.pk))
    assert "Auth level" in entry.get_change_message()
    moderator.groups.create(name="Others")
    act(client, moderator.groups.get(), "delete_selected", post="yes")
    assert LogEntry.objects.latest("pk").is_deletion()


def test_acts_on_many_are_kept_in_one_statement(
    client, moderator, django_assert_num_queries, django_assert_max_num_queries
):
    users = [make_user() for _ in range(41)]
    act(client, users[0], "ban")
    with django_assert_max_num_queries(40) as few:
        act(client, users[1], "ban")
    with django_assert_num_queries(len(few)):
        act(client, users[2:], "ban")
    assert LogEntry.objects.count() == 41


def test_a_ban_whose_entry_cannot_be_stored_is_no_ban(client, moderator, monkeypatch):
    user = make_user()
    monkeypatch.setattr(LogEntry.objects, "bulk_create", None)
    with pytest.raises(TypeError):
        act(client, user, "ban")
    user.refresh_from_db()
    assert not user.is_banned


@pytest.mark.parametrize("reason", ["\0", "x" * 1001])
def test_a_reason_that_cannot_be_kept_bans_nobody(client, moderator, reason):
    user = make_user()
    page = act(client, user, "ban", reason=reason).content.decode()
    user.refresh_from_db()
    assert not user.is_banned
    assert not LogEntry.objects.exists()
    assert "errornote" in page or "messagelist" in page
