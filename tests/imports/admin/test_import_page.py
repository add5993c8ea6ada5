"""The page of one import, as a moderator reads it."""

import html
import json
import time

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from imports.models import Import, RequestedBy, State
from imports.pipeline import run_inline
from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from tachi.accounts.groups import MODERATORS
from tachi.accounts.models import ApiToken, AuthLevel
from tests.factories import (
    HOUR,
    NOON,
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
from tests.imports.admin.moderation import IMPORTS, ask, confirm, state

pytestmark = pytest.mark.django_db
FUTURE = 2 * NOON


@pytest.fixture
def moderator(client):
    """Of the group, and nothing else."""
    user = make_user("mod", is_staff=True, auth_level=AuthLevel.MODERATOR)
    user.groups.add(Group.objects.get(name=MODERATORS))
    client.force_login(user)
    return user


@pytest.fixture
def look(client, moderator):
    def look(import_):
        answer = client.get(page_of(import_))
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    return look


def page_of(import_):
    return reverse("admin:imports_import_change", args=[import_.pk])


def sent_at(import_):
    return reverse("admin:imports_import_sent", args=[import_.pk])


def plays(count):
    return [play(make_chart(), time=NOON + each * HOUR) for each in range(count)]


def test_of_an_import_that_does_nothing_it_is_said_who_holds_its_scores(look, user):
    sent = plays(6)
    first, again = make_import(user, *sent), make_import(user, *sent)

    page = look(again)

    name = f"{first.import_id[:12]}…"
    link = f'<a href="{page_of(first)}">{name}</a>'
    assert f"Nothing new: all 6 scores are held by import {link}." in page
    assert page.index("Nothing new: all") < page.index("<dl")
    assert "6 held</span>" in page
    assert "rows 1–6" in page
    assert "It holds no score." in page


def test_what_it_holds_is_told_by_title(look, user):
    import_ = make_import(user, *plays(2), classes={"dan": "DAN_5"})
    score = import_.scores.order_by("position").first()

    page = look(import_)

    assert "All 2 scores are new." in page
    assert f"{score.chart.song.title} (Single EXH 17)</a>" in page
    assert '<td class="number" data-label="Score">9,000,000</td>' in page
    assert '<td data-label="Lamp">CLEAR</td>' in page
    assert "2 personal bests have scores of it." in page
    assert "Class changed: sdvx Single dan: none → 5th Dan." in page
    assert "5th Dan (dan, sdvx Single)</a>, in force" in page
    assert "Sessions: 1" in page


def test_thousands_of_rejected_rows_are_a_line(look, client, user):
    chart = make_chart()
    wrong = [play(chart, 8_000_000 + each, FUTURE) for each in range(4_282)]
    import_ = make_import(user, play(make_chart()), *wrong)

    begun = time.process_time()
    page = look(import_)
    spent = time.process_time() - begun

    assert "1 imported, 4282 rejected." in page
    assert "4,282 rejected</span>" in page
    assert page.count("rows 2–4,283") == 1
    assert f"/api/v1/imports/{import_}/rows.csv?outcome=rejected" in page
    assert len(page) < 50_000
    assert spent < 1  # the goal is a tenth of that, on a machine with nothing to do


def test_a_failed_one_says_why_and_may_be_retried_only_if_that_helps(look, user):
    refused = run_inline(send(user, document(play(make_chart(), -5))))

    page = look(refused)

    assert "scores[0].score" in page
    assert "Expected a number between 0 and 10000000." in page
    assert 'value="retry"' not in page
    assert "It is not kept here" in page


@pytest.mark.parametrize("count", [1, 500])
def test_it_costs_the_same_for_any_number_of_scores(
    look, user, count, django_assert_max_num_queries
):
    sent = plays(count)
    first, again = make_import(user, *sent), make_import(user, *sent)
    for each in (first, again):
        with django_assert_max_num_queries(26):
            page = look(each)
        assert len(page) < 60_000


def test_its_history_is_in_the_order_of_time(look, user, moderator):
    import_ = make_import(user, *plays(2))
    by = RequestedBy(moderator, "admin", "A broken client.", note="Ticket 5.")
    revert_import(import_, by)
    restore_import(import_, RequestedBy(moderator, "admin", "It was fine."))

    page = look(import_)

    told = [
        "Received",
        "Started",
        "Completed",
        "Reverted with 2 scores",
        "A broken client.",
        "Ticket 5.",
        "<b>Restored</b>",
        "It was fine.",
    ]
    history = page[page.index('id="history"') :]
    assert sorted(told, key=history.index) == told
    assert history.count("Reverted with") == history.count("A broken client.") == 1


def test_what_may_not_be_seen_is_not_told(look, client, user, moderator):
    import_ = make_import(user, *plays(1))
    title = import_.scores.get().chart.song.title
    by = RequestedBy(moderator, "admin", "A broken client.", note="Ticket 5.")
    revert_import(import_, by)
    restore_import(import_, by)
    moderator.groups.clear()
    moderator.user_permissions.set(
        Group.objects.get(name=MODERATORS).permissions.filter(codename="cancel_import")
    )

    page = look(import_)

    assert "Scores: 1<" in page
    for hidden in (title, "A broken client.", "Ticket 5.", "?import="):
        assert hidden not in page, hidden


@pytest.mark.parametrize("staff", [False, True])
def test_every_button_that_is_shown_works(look, client, user, staff):
    if staff:
        user.is_staff = True
        user.save()
    done, reverted, queued = make_import(user, *plays(1)), None, make_row(user)
    reverted = make_import(user, *plays(1))
    revert_import(reverted, OPERATOR)
    shown = {
        import_: {
            action
            for action in ("revert", "run_again", "restore", "cancel", "retry")
            if f'name="action" value="{action}"' in look(import_)
        }
        for import_ in (done, reverted, queued)
    }
    expected = [set(), set(), {"cancel"}]
    if not staff:
        expected = [{"revert", "run_again"}, {"restore"}, {"cancel"}]
    assert list(shown.values()) == expected
    assert ("Imports of staff need an administrator" in look(done)) is staff
    for import_, actions in shown.items():
        for action in actions:
            asked = ask(client, action, import_, back=import_.pk).content.decode()
            assert 'name="confirmed"' in asked, action


def test_one_that_was_reverted_too_long_ago_has_no_button(look, settings, user):
    import_ = make_import(user, *plays(1))
    revert_import(import_, OPERATOR)
    assert "It can be restored until" in look(import_)

    settings.RESTORE_DAYS = 0

    page = look(import_)
    assert "It can be restored until" not in page
    assert 'value="restore"' not in page


def test_what_is_asked_on_its_page_leads_back_to_it(client, moderator, user):
    import_ = make_import(user, *plays(1))
    asked = ask(client, "revert", import_, back=import_.pk).content.decode()
    assert f'<input type="hidden" name="back" value="{import_.pk}">' in asked
    assert f'href="{page_of(import_)}" class="button cancel-link"' in asked

    answer = ask(client, "revert", import_, back=import_.pk, confirmed="yes")

    assert answer.redirect_chain == [(page_of(import_), 302)]
    assert "Reverted 1 import with 1 score." in answer.content.decode()
    for strange in ("//evil.example", "9" * 30):
        answer = ask(client, "restore", import_, back=strange)
        assert strange not in answer.content.decode()
    assert "Restored 1 import" in confirm(client, "restore", import_)
    assert state(import_) == State.COMPLETED


def test_what_was_sent_is_for_its_player_for_moderators_and_for_administrators(
    client, moderator, user
):
    import_ = make_import(user, *plays(1))
    looker = make_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_import"))
    client.force_login(looker)
    assert sent_at(import_) not in client.get(page_of(import_)).content.decode()
    assert client.get(sent_at(import_)).status_code == 403
    looker.auth_level = AuthLevel.ADMIN
    looker.save()
    assert client.get(sent_at(import_)).status_code == 200

    client.force_login(moderator)
    assert sent_at(import_) in client.get(page_of(import_)).content.decode()
    answer = client.get(sent_at(import_))
    assert answer.status_code == 200
    assert json.loads(answer.content)["scores"][0]["score"] == 9_000_000
    name = f'attachment; filename="file-batch-manual-{import_.import_id[:12]}.json"'
    assert answer["Content-Disposition"] == name
    assert answer["Content-Type"] == "application/octet-stream"

    import_.input.delete()
    assert client.get(sent_at(import_)).status_code == 404
    assert client.get("/admin/imports/import/x/sent/").status_code == 404


def test_more_from_the_same_source_is_a_click_away(look, client, user):
    token = ApiToken.objects.get(prefix=make_token(user)[:8])
    said = {"token": token, "user_agent": "barbatos/1.2 (Linux)"}
    import_ = run_inline(send(user, document(*plays(1)), **said))
    other = make_import(make_user(), *plays(1), service="another")

    links = [part.split('"')[0] for part in look(import_).split('class="more" href="')]

    assert len(links) == 5
    for link in links[1:]:
        assert link.startswith(f"{IMPORTS}?")
        rows = client.get(link).context["cl"].result_list
        assert [row.pk for row in rows] == [import_.pk], link
    assert other.state == State.COMPLETED


def test_one_that_runs_is_looked_at_again_with_and_without_a_script(look):
    import_ = make_row(state=State.RUNNING)

    page = look(import_)

    assert f'data-poll="/api/v1/imports/{import_}/poll-status"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "imports/watch.js" in page
    Import.objects.filter(pk=import_.pk).update(state=State.CANCELLED)
    page = look(import_)
    assert "data-poll" not in page
    assert "refresh" not in page


def test_an_address_of_no_import_leads_to_the_list(client, moderator):
    for key in ("999", "x", "9" * 30):
        url = reverse("admin:imports_import_change", args=[key])
        answer = client.get(url, follow=True)
        assert answer.redirect_chain == [(IMPORTS, 302)]
        assert "There is no import" in answer.content.decode()
