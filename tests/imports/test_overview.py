"""The first page of the admin, and the way around it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from imports.models import Import, Origin, RequestedBy
from imports.overview import by_hour
from imports.undo.revert import revert_import
from scores.models import ClassClaim
from tests.factories import make_chart, make_import, make_row, make_user, play

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")


@pytest.fixture
def moderator():
    user = make_user("moderator", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


def ended(state, hours_ago, **values):
    values["finished_at"] = timezone.now() - timedelta(hours=hours_ago)
    row = make_row(make_user())
    Import.objects.filter(pk=row.pk).update(state=state, sequence=1, **values)
    return row


def place(html, name):
    return re.search(rf'<a href="([^"]*)"[^>]*>{name}</a>', html)


def test_hours_count_what_ended_in_them_whatever_became_of_it():
    for state in ("completed", "reverted", "failed", "failed", "cancelled"):
        ended(state, hours_ago=3)
    ended("completed", hours_ago=0)
    ended("completed", hours_ago=25)
    hours = by_hour()
    assert len(hours) == 24
    assert [(each.imports, each.failed) for each in hours if each.imports] == [
        (4, 2),
        (1, 0),
    ]
    assert hours[-1].imports == 1
    assert hours[-4].imports == 4


def test_a_moderator_sees_what_failed_what_is_under_way_and_what_is_to_be_decided(
    client, moderator
):
    failed = ended("failed", 0, error_text="It is no list.\nMore of it.")
    import_ = make_import(make_user(), play(make_chart()), classes={"dan": "DAN_5"})
    client.force_login(moderator)
    page = client.get(INDEX).text
    assert "It is no list." in page
    assert "More of it" not in page
    assert reverse("admin:imports_import_change", args=[failed.pk]) in page
    assert "No class waits for a decision." in page
    revert_import(import_, RequestedBy(moderator, Origin.ADMIN, "a test"))
    assert ClassClaim.objects.count() == 1
    assert "<b>1</b> class of reverted imports" in client.get(INDEX).text


def test_a_draft_is_under_way(client, moderator):
    players = [make_user() for _ in range(2)]
    rows = [make_import(each, play(make_chart())) for each in players]
    client.force_login(moderator)
    client.post(
        "/api/v1/revert-batches",
        {"importIDs": [each.import_id for each in rows], "reason": "A broken hook"},
        "application/json",
    )
    page = client.get(INDEX).text
    assert "2 imports</a>, by moderator" in page
    assert "A broken hook" in page


def test_the_way_around_leads_where_one_may_go(client, moderator):
    client.force_login(moderator)
    page = client.get(INDEX).text
    for name in ("Imports", "Batches", "Class review", "Players", "Log"):
        assert client.get(place(page, name)[1]).status_code == 200
    client.force_login(make_user("staff", is_staff=True))
    page = client.get(INDEX).text
    assert not place(page, "Imports")
    assert "Failed last" not in page


def test_as_many_statements_for_many_as_for_one(
    client, moderator, django_assert_num_queries
):
    client.force_login(moderator)
    client.get(INDEX)  # once, for what is looked up once
    ended("failed", 1)
    with CaptureQueriesContext(connection) as few:
        client.get(INDEX)
    for number in range(30):
        ended("failed", number)
    with django_assert_num_queries(len(few)):
        client.get(INDEX)


def test_a_player_s_page_leads_to_all_that_he_brought(client, moderator):
    player = make_user("some_player", about="I play.")
    make_import(player, play(make_chart()))
    client.force_login(moderator)
    page = client.get(reverse("admin:accounts_user_change", args=[player.pk])).text
    assert "I play." in page
    assert "Twitch" not in page
    main = page[page.index("What he brought") :]
    for name in ("Imports", "Scores", "Reverts", "Tokens"):
        found = client.get(place(main, name)[1])
        assert found.status_code == 200, name
    assert found.context["cl"].result_count == 0
    assert client.get(place(main, "Scores")[1]).context["cl"].result_count == 1
