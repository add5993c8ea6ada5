"""Every act in the admin leaves an entry in the log: who, what and why."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from imports.batches.draft import draft
from imports.batches.run import run_to_end
from imports.models import Import, ImportRule, RequestedBy, State
from imports.undo.revert import revert_import
from scores.models import ClassClaim
from tachi.accounts.models import ApiToken
from tachi.jobs.models import Job
from tachi.moderation.models import Entry
from tests.factories import (
    OPERATOR,
    document,
    make_chart,
    make_import,
    make_row,
    make_token,
    make_user,
    play,
    send,
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
    queued, failed = make_row(player), failed_of(player)
    Entry.objects.all().delete()
    for row, action, verb, key in (
        (import_, "revert", "revert", import_.import_id),
        (import_, "restore", "restore", import_.import_id),
        (queued, "cancel", "cancel", queued.import_id),
        (failed, "retry", "retry", failed.import_id),
        (claim, "keep", "keep class", claim.pk),
        (claim, "withdraw", "withdraw class", claim.pk),
        (claim, "reinstate", "reinstate class", claim.pk),
        (job, "pause", "pause job", job.job_id),
        (job, "resume", "resume job", job.job_id),
        (job, "cancel", "cancel job", job.job_id),
        (token, "revoke", "revoke token", token.pk),
        (player, "ban", "ban", player.pk),
        (player, "unban", "lift ban", player.pk),
    ):
        why = {"reason": "a <b>broken</b> client", "note": "again & again"}
        act(client, row, action, confirmed="yes", **why)

        entry = Entry.objects.get()
        assert (entry.by, entry.by_name, entry.origin) == (moderator, "boss", "admin")
        assert (entry.verb, entry.subject_id) == (verb, str(key))
        assert (entry.player, entry.player_name) == (player, "player_one")
        assert {"reason": entry.reason, "note": entry.note} == why
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        page = client.get(reverse(f"admin:{name}_history", args=[row.pk]))
        assert "a &lt;b&gt;broken&lt;/b&gt; client" in page.content.decode()
        assert "again &amp; again" in page.content.decode()
        entry.delete()
        act(client, row, action, confirmed="yes", reason="once more")
        if action not in {"restore", "revert"}:
            assert not Entry.objects.exists(), action
        Entry.objects.all().delete()


def failed_of(player):
    """An import that a bug of ours has failed."""
    sent = send(player, document(play(make_chart())))
    Import.objects.filter(pk=sent.pk).update(state=State.FAILED, error_status=500)
    return sent


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
    assert Entry.objects.count() == 41


def test_a_ban_whose_entry_cannot_be_stored_is_no_ban(client, moderator, monkeypatch):
    user = make_user()
    monkeypatch.setattr(Entry.objects, "bulk_create", None)
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
    assert not Entry.objects.exists()
    assert "errornote" in page or "messagelist" in page


WHY = {"reason": "a <b>broken</b> client", "note": "again & again"}


def history_of(client, row):
    name = f"{row._meta.app_label}_{row._meta.model_name}"
    page = client.get(reverse(f"admin:{name}_history", args=[row.pk]))
    return page.content.decode()


def test_rules_are_kept_with_who_made_and_lifted_them_and_why(client, moderator):
    said = {"game": "sdvx", "text": WHY["reason"], "note": WHY["note"]}
    client.post(reverse("admin:imports_importrule_add"), said)
    rule = ImportRule.objects.get()
    act(client, rule, "lift", confirmed="yes", **WHY)
    act(client, rule, "lift", confirmed="yes", **WHY)

    entries = Entry.objects.order_by("pk")
    assert [each.verb for each in entries] == ["make rule", "lift rule"]
    for entry in entries:
        assert (entry.by, entry.origin) == (moderator, "admin")
        assert entry.subject_id == str(rule.pk)
        assert {"reason": entry.reason, "note": entry.note} == WHY
    page = history_of(client, rule)
    assert page.count("a &lt;b&gt;broken&lt;/b&gt; client") == 2
    assert page.count("again &amp; again") == 2


def test_each_act_on_a_batch_is_kept_with_who_did_it_and_why(client, moderator):
    imports = [make_import(make_user(), play(make_chart())) for _ in range(2)]
    by = RequestedBy(moderator, "admin", WHY["reason"])
    ids = [each.import_id for each in imports]
    batch = draft(by, import_ids=ids, note=WHY["note"])
    url = reverse("admin:imports_revertbatch_change", args=[batch.pk])

    def press(verb, **more):
        assert client.post(url, {"verb": verb, **WHY, **more}).status_code == 302

    press("confirm", fingerprint=batch.fingerprint, imports="2")
    for verb in ("pause", "resume"):
        press(verb)
    run_to_end(batch)
    press("hold", held="yes")
    press("hold", held="no")
    batch.outcomes.filter(position=0).update(state="failed")
    for verb in ("retry_failed", "cancel"):
        press(verb)
    restore = reverse("admin:imports_revertbatch_restore", args=[batch.pk])
    assert client.post(restore, WHY).status_code == 302

    entries = Entry.objects.filter(subject_kind="batch").order_by("pk")
    assert [each.verb for each in entries] == [
        "draft batch",
        "confirm batch",
        "pause batch",
        "resume batch",
        "hold batch",
        "release batch",
        "retry failed of batch",
        "cancel batch",
        "restore batch",
    ]
    for entry in entries:
        assert (entry.by, entry.origin) == (moderator, "admin")
        assert (entry.subject_id, entry.batch_id) == (batch.batch_id, batch.batch_id)
        assert {"reason": entry.reason, "note": entry.note} == WHY
    assert history_of(client, batch).count("again &amp; again") == 9
    # Its own, and the reverts of its imports.
    link = reverse("admin:moderation_entry_changelist") + f"?batch={batch.batch_id}"
    assert f'<a href="{link}">11</a>' in client.get(url).content.decode()
