"""Rules in the admin: made by a form, listed, lifted."""

import pytest
from django.urls import reverse

from imports.models import ImportRule
from tachi.moderation.models import Entry
from tests.factories import make_user
from tests.imports.admin.moderation import found
from tests.imports.rules.make import TEXT, make_rule, soon
from tests.rights.people import make_moderator, make_staff

pytestmark = pytest.mark.django_db
RULES = reverse("admin:imports_importrule_changelist")
ADD = reverse("admin:imports_importrule_add")


@pytest.fixture
def moderator():
    return make_moderator(username="mod")


@pytest.fixture
def admin(client, moderator):
    client.force_login(moderator)
    return client


def page_of(rule):
    return reverse("admin:imports_importrule_change", args=[rule.pk])


def test_a_rule_is_made_by_the_form(admin, user, moderator):
    other = make_user("another")
    sent = {
        "user": f"{user.username}\r\nanother\r\n",
        "importType": ["ir/usc", "ir/barbatos"],
        "playtype": ["Keyboard"],
        "until": "2999-01-01 12:00",
        "text": TEXT,
        "note": "see the thread",
    }
    answer = admin.post(ADD, sent, follow=True)
    rule = ImportRule.objects.get()
    assert rule.filters == {
        "user": [user.username, "another"],
        "importType": ["ir/usc", "ir/barbatos"],
        "playtype": "Keyboard",
    }
    assert rule.meant["user"] == [str(user.pk), str(other.pk)]
    assert (rule.made_by, rule.origin, rule.note) == (moderator, "admin", sent["note"])
    assert rule.until.isoformat() == "2999-01-01T12:00:00+00:00"
    text = answer.content.decode()
    assert answer.redirect_chain == [(page_of(rule), 302)]
    assert "type ir/usc or ir/barbatos" in text
    assert "Lift…" in text
    assert "see the thread" in Entry.objects.get().note


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Name at least one filter"),
        ({"user": "nobody_here"}, "There is no user"),
        ({"game": ["sdvx"], "playtype": ["SP"]}, "There is no such playtype"),
        ({"game": ["chess"]}, "Select a valid choice"),
        ({"game": ["sdvx"], "until": "someday"}, "someday"),
        ({"game": ["sdvx"], "until": "2001-01-01"}, "This time is past"),
        ({"game": ["sdvx"], "text": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_stands_in_the_form(admin, sent, says):
    answer = admin.post(ADD, {"text": TEXT, **sent})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not ImportRule.objects.exists()


def test_an_address_fills_the_form_in(admin):
    answer = admin.get(f"{ADD}?user=one&user=two&game=sdvx&since=now&text=Stop.")
    form = answer.context["form"]
    assert form["user"].value() == "one\ntwo"
    assert form["game"].value() == ["sdvx"]
    assert form["text"].value() == "Stop."
    assert "since" not in form.fields


def test_rules_are_lifted_after_a_question(admin, moderator):
    rules = [make_rule(game="iidx"), make_rule(game="sdvx")]
    sent = {"action": "lift", "_selected_action": [each.pk for each in rules]}
    asked = admin.post(RULES, sent)
    assert "Yes, lift" in asked.content.decode()
    assert not ImportRule.objects.exclude(lifted_at=None).exists()

    answer = admin.post(
        RULES, {**sent, "confirmed": "yes", "reason": "mended"}, follow=True
    )
    assert "Lifted 2 rules." in answer.content.decode()
    assert {each.lifted_by for each in ImportRule.objects.all()} == {moderator}
    again = admin.post(RULES, {**sent, "confirmed": "yes"}, follow=True)
    assert "All of these rules are lifted." in again.content.decode()
    assert "Lift…" not in admin.get(page_of(rules[0])).content.decode()


def test_rules_are_listed_by_state(admin):
    live, lifted, over = (make_rule(game="iidx", until=soon()) for _ in range(3))
    sent = {"action": "lift", "_selected_action": [lifted.pk], "confirmed": "yes"}
    admin.post(RULES, sent)
    ImportRule.objects.filter(pk=over.pk).update(until=soon(hours=-1))
    for state, rule in (("live", live), ("lifted", lifted), ("over", over)):
        assert found(admin, RULES, state=state) == [rule]
    assert len(found(admin, RULES)) == 3


def test_who_only_sees_rules_is_offered_nothing(client):
    rule = make_rule(game="iidx")
    client.force_login(make_staff("imports.view_importrule"))
    for page in (RULES, page_of(rule)):
        text = client.get(page).content.decode()
        assert "Lift…" not in text
        assert "Lift selected" not in text
        assert ADD not in text
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"game": ["sdvx"], "text": TEXT}).status_code == 403
