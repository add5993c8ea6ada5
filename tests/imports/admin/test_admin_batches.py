"""Batches in the admin: drafted from a list, shown, confirmed, moved and restored."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from imports.batches import control
from imports.batches.documents import batch_document
from imports.batches.possible import possible
from imports.batches.refusals import NotPossible
from imports.batches.run import run_to_end
from imports.models import ImportRule, RevertBatch, State
from imports.rules.sources import more_since
from imports.undo.revert import revert_import
from scores.models import Score
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
from tests.imports.admin.moderation import IMPORTS, ask, found, state
from tests.imports.batches.making import drafted, make_player, ran
from tests.imports.rules.make import TEXT
from tests.rights.people import make_administrator, make_moderator, make_staff

pytestmark = pytest.mark.django_db
BATCHES = reverse("admin:imports_revertbatch_changelist")
BatchState = RevertBatch.State


@pytest.fixture
def moderator():
    return make_moderator(username="mod")


@pytest.fixture
def admin(client, moderator):
    client.force_login(moderator)
    return client


@pytest.fixture
def player():
    """A player with three imports of a better score each; returns both."""
    return make_player(make_chart(), 8_000_000, 8_100_000, 8_200_000)


def page_of(batch):
    return reverse("admin:imports_revertbatch_change", args=[batch.pk])


def text_of(client, batch, **query):
    return client.get(page_of(batch), query).content.decode()


def act(client, batch, verb, **said):
    answer = client.post(page_of(batch), {"verb": verb, **said}, follow=True)
    batch.refresh_from_db()
    return answer.content.decode()


def page_of_restore(batch):
    return reverse("admin:imports_revertbatch_restore", args=[batch.pk])


def restore(client, batch, **said):
    """Confirm the restore of a batch on the page that asks."""
    answer = client.post(page_of_restore(batch), said, follow=True)
    batch.refresh_from_db()
    return answer.content.decode()


def buttons(text):
    """The verbs that a page offers."""
    named = re.findall(r'<button class="button" name="verb" value="(\w+)"', text)
    asked = re.findall(r'name="verb" value="(confirm)"', text)
    led = re.findall(r'class="button" href="[^"]*/(restore)/"', text)
    return {*named, *asked, *led}


def confirmation(batch, **said):
    return {"fingerprint": batch.fingerprint, "imports": batch.imports, **said}


def test_a_page_shows_what_a_draft_would_do_with_names(admin, player):
    user, imports = player
    chart = Score.objects.first().chart
    kept = make_import(user, play(chart, 8_000_000, NOON))
    batch = drafted(*imports)
    text = text_of(admin, batch)

    assert "<b>2</b> scores of 1 player go;" in text
    assert "<b>1</b> stays, as another import sent it too" in text
    assert "Personal bests: <b>0</b> lost, <b>1</b> changed" in text
    assert f'<td data-label="Player">{user.username}</td>' in text
    assert "would revert 3 imports of 1 player: 2 scores would go" in text
    assert "Nothing is reverted yet." in text
    assert str(chart) in text
    assert f"import {kept.import_id[:12]}… sent it too" in text
    assert "Revert 3 imports" in text
    assert {"confirm", "cancel"} <= buttons(text)
    for import_ in imports:
        assert reverse("admin:imports_import_change", args=[import_.pk]) in text


def test_of_who_is_not_tried_out_yet_nothing_is_said_to_stay(admin, player):
    batch = drafted(player[1][0])  # not his best
    assert "stay as they are" in text_of(admin, batch)
    batch.players.update(preview=None)
    text = text_of(admin, batch)
    assert "not tried out" in text
    assert "stay as they are" not in text


def test_a_draft_is_confirmed_run_and_restored(admin, player, settings):
    imports = player[1]
    batch = drafted(*imports)
    text = act(admin, batch, "confirm", **confirmation(batch, reason="a wrong hook"))
    assert "Confirmed." in text
    assert (batch.state, batch.reason) == (BatchState.QUEUED, "a wrong hook")
    assert batch.confirmed_by.username == "mod"
    assert 'http-equiv="refresh"' in text
    assert buttons(text) == {"pause", "cancel", "hold"}

    run_to_end(batch)
    text = text_of(admin, batch)
    assert {state(each) for each in imports} == {State.REVERTED}
    assert "Done: 3 of 3 imports of 1 player were reverted, with 3 scores." in text
    assert "1 of 1 player: what is computed from his scores was found right" in text
    assert 'http-equiv="refresh"' not in text
    assert buttons(text) == {"restore", "hold"}

    assert "Restoring." in restore(admin, batch)
    run_to_end(batch)
    assert {state(each) for each in imports} == {State.COMPLETED}
    entries = Entry.objects.filter(subject_kind="batch", origin="admin")
    told = entries.order_by("pk").values_list("verb", "reason")
    assert list(told) == [("confirm batch", "a wrong hook"), ("restore batch", "")]


def test_a_batch_is_paused_resumed_cancelled_and_held(admin, player):
    batch = drafted(*player[1])
    act(admin, batch, "confirm", **confirmation(batch))
    act(admin, batch, "pause")
    assert batch.state == BatchState.PAUSED
    act(admin, batch, "resume")
    assert batch.state == BatchState.QUEUED
    assert not batch.held
    act(admin, batch, "hold", held="yes")
    assert batch.held
    assert "Keep no longer than usual" in act(admin, batch, "hold", held="yes")
    assert batch.held  # sent twice, it is held still
    act(admin, batch, "hold", held="no")
    assert not batch.held
    act(admin, batch, "cancel")
    assert batch.state == BatchState.CANCELLED


def test_where_the_site_has_no_workers_it_runs_at_once(admin, player, settings):
    settings.IMPORT_INLINE = True
    batch = drafted(*player[1])
    act(admin, batch, "confirm", **confirmation(batch))
    assert batch.state == BatchState.DONE


def test_what_was_not_shown_is_not_confirmed(admin, player):
    batch = drafted(*player[1])
    text = act(admin, batch, "confirm", fingerprint="0" * 64, imports=3, reason="x")
    assert "This is not what would be done" in text
    assert ">x</textarea>" in text.replace("\n", "")
    assert batch.state == BatchState.DRAFT
    assert not LogEntry.objects.exists()


def test_a_large_batch_needs_a_reason_and_its_number(admin, player, settings):
    settings.BATCH_LARGE_SCORES = 2
    batch = drafted(*player[1])
    RevertBatch.objects.update(reason="")
    text = text_of(admin, batch)
    assert "Type the number of imports, 3:" in text
    assert 'type="hidden" name="imports"' not in text

    def refused(says, **said):
        assert says in act(admin, batch, "confirm", **confirmation(batch, **said))
        assert batch.state == BatchState.DRAFT

    refused("it needs a reason", reason="")
    refused("give the number of its imports, 3", reason="why", imports="")
    refused("It is of 3 imports, not of 4.", reason="why", imports="4")
    refused("as a number", reason="why", imports="three")
    act(admin, batch, "confirm", **confirmation(batch, reason="why", imports="3"))
    assert batch.state == BatchState.QUEUED


def test_imports_of_staff_are_for_administrators(client, admin, player):
    user, imports = player
    user.is_staff = True
    user.save()
    batch = drafted(*imports)
    text = text_of(admin, batch)
    assert f"Imports of staff need an administrator: those of {user.username}." in text
    assert "confirm" not in buttons(text)
    refused = act(admin, batch, "confirm", **confirmation(batch))
    assert "Imports of staff need an administrator" in refused
    assert batch.state == BatchState.DRAFT

    client.force_login(make_administrator())
    assert "confirm" in buttons(text_of(client, batch))


def test_who_only_looks_is_offered_nothing_and_refused_everything(client, player):
    client.force_login(make_staff("imports.view_revertbatch"))
    batch = drafted(*player[1])
    text = text_of(client, batch)
    assert buttons(text) == set()
    assert "outcomes.csv" not in text
    assert "Stop this source" not in text
    for verb in ("confirm", "pause", "cancel", "hold", "restore", "", "draft"):
        sent = {"verb": verb, **confirmation(batch)}
        assert client.post(page_of(batch), sent).status_code == 403
    batch.refresh_from_db()
    assert (batch.state, batch.held) == (BatchState.DRAFT, False)


STATES = [each for each in BatchState if each != BatchState.RESTORING]


@pytest.mark.parametrize("in_state", STATES)
@pytest.mark.parametrize("failed", [False, True])
def test_what_is_offered_is_possible_and_nothing_else(player, in_state, failed):
    batch = ran(*player[1])
    if in_state in {BatchState.DRAFT, BatchState.QUEUED}:
        batch = drafted(*make_player(make_chart(), 8_300_000)[1])
    RevertBatch.objects.filter(pk=batch.pk).update(state=in_state)
    if failed:
        batch.outcomes.filter(position=0).update(state="failed")
    document = batch_document(batch)
    verbs = {
        "confirm": lambda: control.confirm(batch, OPERATOR, batch.fingerprint),
        "pause": lambda: control.pause(batch, OPERATOR),
        "resume": lambda: control.resume(batch, OPERATOR),
        "cancel": lambda: control.cancel(batch, OPERATOR),
        "restore": lambda: control.restore(batch, OPERATOR),
        "retry_failed": lambda: control.retry_failed(batch, OPERATOR),
        "hold": lambda: control.hold(batch, OPERATOR),
    }
    done = {name for name, verb in verbs.items() if works(verb)}
    assert possible(batch, document) == done


def works(verb):
    """Whether it is possible; it is taken back."""
    with transaction.atomic():
        try:
            verb()
        except NotPossible:
            return False
        finally:
            transaction.set_rollback(True)
    return True


def test_outcomes_are_paged_and_narrowed_down(admin, player, monkeypatch):
    monkeypatch.setattr("imports.admin.batch_page.OUTCOMES_ON_A_PAGE", 2)
    batch = ran(*player[1])
    outcomes = [each.import_id for each in batch.outcomes.order_by("position")]
    batch.outcomes.filter(import_id=outcomes[2]).update(state="failed", why="A bug.")

    def shown(**query):
        page = admin.get(page_of(batch), query)
        return [each.import_id for each in page.context["outcomes"]]

    assert shown() == outcomes[:2]
    assert shown(page="2") == shown(page="9") == outcomes[2:]
    assert shown(page="nonsense") == outcomes[:2]
    assert shown(outcome="failed") == outcomes[2:]
    assert shown(outcome="nonsense") == outcomes[:2]
    text = text_of(admin, batch, outcome="failed")
    csv = f"/api/v1/revert-batches/{batch.batch_id}/outcomes.csv?state=failed"
    assert f'href="{csv}"' in text
    assert "A bug." in text
    answer = admin.get(csv)
    assert answer.status_code == 200
    assert outcomes[2] in answer.content.decode()
    assert outcomes[0] not in answer.content.decode()


def test_a_list_takes_as_many_statements_for_many_batches(admin):
    def statements():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert admin.get(BATCHES).status_code == 200
        return len(queries)

    ran(*make_player(make_chart(), 8_000_000)[1])
    statements()
    one = statements()
    for _ in range(3):
        ran(*make_player(make_chart(), 8_000_000, 8_100_000)[1])
    assert statements() == one


def test_batches_are_found_by_player_import_size_and_state(admin, player):
    user, imports = player
    many, one = ran(*imports), drafted(*make_player(make_chart(), 8_000_000)[1])
    for filters, expected in [
        ({"player": user.username}, [many]),
        ({"import": imports[1].import_id}, [many]),
        ({"size": "one"}, [one]),
        ({"size": "many"}, [many]),
        ({"state": "draft"}, [one]),
        ({"q": one.batch_id[:10]}, [one]),
        ({}, [one, many]),
    ]:
        assert found(admin, BATCHES, **filters) == expected, filters


def test_reverts_and_imports_lead_to_their_batch(admin, player):
    batch = ran(*player[1])
    reverts = admin.get(reverse("admin:imports_revert_changelist")).content.decode()
    assert f'href="{page_of(batch)}"' in reverts
    import_ = player[1][0]
    url = reverse("admin:imports_import_change", args=[import_.pk])
    assert (
        f'href="{BATCHES}?import={import_.import_id}"'
        in admin.get(url).content.decode()
    )
    revert = import_.reverts.get()
    url = reverse("admin:imports_revert_change", args=[revert.pk])
    assert f'href="{page_of(batch)}"' in admin.get(url).content.decode()


# From the list of imports


def test_all_that_a_filter_finds_is_drafted(admin, player):
    user, imports = player
    other = make_import(make_user(), play(make_chart()))
    url = f"{IMPORTS}?user={user.username}&state=completed"
    answer = ask(admin, "revert", other, url=url, select_across="1")
    batch = RevertBatch.objects.get()
    assert answer.redirect_chain == [(page_of(batch), 302)]
    assert batch.filters == {"user": user.username}
    assert (batch.origin, batch.created_by_name) == ("admin", "mod")
    assert set(batch.outcomes.values_list("of_import", flat=True)) == {
        each.pk for each in imports
    }
    assert "Drafted a batch of 3 imports. Nothing is reverted yet." in (
        answer.content.decode()
    )
    assert {state(each) for each in imports} == {State.COMPLETED}


def test_more_than_a_confirmation_handles_are_drafted(admin, player, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 2)
    ask(admin, "revert", *player[1])
    batch = RevertBatch.objects.get()
    assert (batch.imports, batch.filters) == (3, {})


def test_a_searched_list_is_drafted_by_its_imports(admin, player):
    user, imports = player
    url = f"{IMPORTS}?user={user.username}&q={imports[0].import_id}"
    ask(admin, "revert", imports[0], url=url, select_across="1")
    batch = RevertBatch.objects.get()
    assert (batch.imports, batch.filters) == (1, {})


def test_all_imports_there_are_make_no_batch(admin, player):
    for url in (IMPORTS, f"{IMPORTS}?state=completed"):
        page = ask(admin, "revert", *player[1], url=url, select_across="1")
        assert "Narrow the list down first" in page.content.decode()
    assert not RevertBatch.objects.exists()


def test_who_may_not_revert_in_batches_drafts_none(client, player, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 2)
    client.force_login(make_staff("imports.revert_import", "imports.view_import"))
    page = ask(client, "revert", *player[1])
    assert "At most" in page.content.decode()
    assert not RevertBatch.objects.exists()


# Its source


def test_a_batch_leads_to_a_rule_that_stops_its_source(admin, player):
    user, _ = player
    url = f"{IMPORTS}?user={user.username}&since=2020-01-01"
    ask(admin, "revert", player[1][0], url=url, select_across="1")
    batch = RevertBatch.objects.get()
    make_import(user, play(make_chart()))
    make_row(user)
    make_row(user, state=State.FAILED)
    make_import(make_user(), play(make_chart()))

    text = text_of(admin, batch)
    assert "<b>2</b> more match since." in text
    [form_url] = re.findall(r'href="([^"]*importrule/add[^"]*)"', text)
    form = admin.get(form_url.replace("&amp;", "&")).context["form"]
    assert form["user"].value() == user.username
    sent = {name: form[name].value() or "" for name in ("user", "batch")}
    sent["user"] = user.username
    admin.post(reverse("admin:imports_importrule_add"), {**sent, "text": TEXT})
    rule = ImportRule.objects.get()
    assert (rule.batch, rule.filters) == (batch, {"user": user.username})
    assert reverse("admin:imports_importrule_change", args=[rule.pk]) in text_of(
        admin, batch
    )


def test_a_batch_of_named_imports_has_no_source(admin, player):
    batch = drafted(*player[1])
    assert more_since(batch) is None
    assert "Stop this source" not in text_of(admin, batch)


def test_a_source_that_is_gone_is_none(admin, player):
    batch = drafted(*player[1])
    RevertBatch.objects.update(filters={"user": "renamed_since"})
    batch.refresh_from_db()
    assert more_since(batch) is None
    assert admin.get(page_of(batch)).status_code == 200


def test_who_may_not_stop_sources_is_not_led_to_a_rule(client, player):
    client.force_login(make_staff("imports.bulk_revert"))
    batch = drafted(*player[1])
    RevertBatch.objects.update(filters={"user": player[0].username})
    text = text_of(client, batch)
    assert "more match since" in text
    assert "Stop this source" not in text


def test_what_a_verb_led_to_is_told_in_the_words_of_now(admin, player):
    _, imports = player
    batch = ran(*imports)
    assert "is kept beyond the usual time." in act(admin, batch, "hold", held="yes")
    assert "is kept no longer than usual." in act(admin, batch, "hold", held="no")

    batch = drafted(*player[1])
    RevertBatch.objects.filter(pk=batch.pk).update(state=BatchState.PAUSED)
    text = text_of(admin, batch)
    assert "Paused: 0 of 3 imports reverted." in text


def test_a_restored_batch_says_how_many_it_had_reverted(admin, player):
    batch = ran(*player[1])
    restore(admin, batch)
    run_to_end(batch)
    text = text_of(admin, batch)
    assert "Restored by mod: 3 imports are back." in text
    assert 'Restored <span data-count="restored">3</span>' in text
    assert "imports a second" not in text


def test_what_is_of_many_scores_is_drafted_and_not_reverted_at_once(
    admin, player, settings
):
    _, imports = player
    settings.BATCH_LARGE_SCORES = 2
    ask(admin, "revert", *imports[:2])
    assert not RevertBatch.objects.exists()
    page = ask(admin, "revert", *imports).content.decode()
    batch = RevertBatch.objects.get()
    assert (batch.state, batch.imports) == (BatchState.DRAFT, 3)
    assert "Type the number of imports, 3:" in page


@pytest.mark.parametrize("action", ["revert", "restore", "run_again"])
def test_imports_of_staff_need_an_administrator_one_by_one_as_well(
    client, moderator, action
):
    import_ = make_import(make_staff(username="colleague"), play(make_chart()))
    if action == "restore":
        revert_import(import_, OPERATOR)
    before = state(import_)
    text = "Imports of staff need an administrator: those of colleague."

    client.force_login(moderator)
    assert text in ask(client, action, import_).content.decode()
    assert text in ask(client, action, import_, confirmed="yes").content.decode()
    assert state(import_) == before

    client.force_login(make_administrator())
    assert text not in ask(client, action, import_, confirmed="yes").content.decode()
    assert state(import_) != before
