from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from imports.models import RequestedBy, Revert
from imports.undo.revert import revert_import
from scores.locks import Busy
from scores.models import ClassClaim, ClassReview, GameStats
from tests.factories import OPERATOR, make_chart, make_import, make_user, play
from tests.imports.admin.moderation import DAN, ask, confirm, may_only, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moderator")]

CLAIMS = reverse("admin:scores_classclaim_changelist")
EVERYTHING = f"{CLAIMS}?state=all"


def provide(user=None, dan="DAN_5"):
    user = user or make_user()
    import_ = make_import(user, play(make_chart()), classes={"dan": dan})
    return ClassClaim.objects.get(source_import=import_)


def reverted(user=None, dan="DAN_5", by=OPERATOR):
    claim = provide(user, dan)
    revert_import(claim.source_import, by)
    return claim


def choose(client, action, *claims, **more):
    return ask(client, action, *claims, url=EVERYTHING, **more).content.decode()


def decide(client, action, *claims, **more):
    return choose(client, action, *claims, confirmed="yes", **more)


def test_the_list_is_what_is_to_be_reviewed_unless_somebody_asks(client):
    live, review, kept, withdrawn, both = (
        provide() if n == 0 else reverted() for n in range(5)
    )
    decide(client, "keep", kept)
    decide(client, "withdraw", withdrawn, both)

    def found(**filters):
        return set(rows(client.get(CLAIMS, filters)))

    assert found() == found(state="review") == {review}
    assert found(state="kept") == {kept}
    assert found(state="live") == {live, review, kept}
    assert found(state="withdrawn") == {withdrawn, both}
    assert found(state="all") == {live, review, kept, withdrawn, both}
    assert found(state="nonsense") == set()


def test_a_row_says_all_that_there_is_to_know(client):
    user, boss = make_user("player_one"), make_user("hunter")
    provide(user, "DAN_3")
    claim = reverted(user, "DAN_7", RequestedBy(boss, "admin", "a wrong playtype"))
    support = provide(user, "DAN_8")
    Revert.objects.update(reverted_at=datetime(2026, 1, 2, tzinfo=UTC))

    page = client.get(CLAIMS).content.decode()

    assert "Class review" in page
    for text in (
        "7th Dan",
        "player_one",
        "8th Dan",  # without it
        support.source_import.import_id[:12],
        claim.source_import.import_id[:12],
        "2026-01-02 00:00:00 UTC",
        "hunter (admin)",
        "a wrong playtype",
    ):
        assert text in page, text
    assert "DAN_7" not in page


def test_a_claims_page_says_what_was_decided_of_it(client):
    claim = reverted()
    for action in ("keep", "withdraw"):
        decide(client, action, claim, reason=f"<b>{action}</b>")

    page = client.get(reverse("admin:scores_classclaim_change", args=[claim.pk]))

    text = page.content.decode()
    assert "Withdrawn by boss (admin)" in text
    assert "Kept by boss (admin)" in text
    assert "&lt;b&gt;withdraw&lt;/b&gt;" in text


def test_many_supports_are_named_and_counted(client):
    claim = reverted(user := make_user())
    for _ in range(7):
        provide(user)

    page = client.get(CLAIMS).content.decode()

    assert "</a> and 2 more" in page
    assert '<td data-label="Supported by">7 imports</td>' in choose(
        client, "keep", claim
    )


@pytest.mark.parametrize(
    ("action", "first", "done"),
    [
        ("withdraw", None, "Withdrew 1 class."),
        ("keep", None, "Kept 1 class."),
        ("reinstate", "withdraw", "Reinstated 1 class."),
    ],
)
def test_each_decision_is_asked_about_first_and_kept(
    client, moderator, action, first, done
):
    claim = reverted()
    if first:
        decide(client, first, claim)
    before = ClassClaim.objects.values().get(), ClassReview.objects.count()

    asked = choose(client, action, claim)

    assert f"Yes, {action}" in asked
    assert "5th Dan" in asked
    assert (ClassClaim.objects.values().get(), ClassReview.objects.count()) == before
    assert done in decide(client, action, claim, reason="I was there")
    review = ClassReview.objects.latest("pk")
    assert (review.decided_by, review.origin) == (moderator, "admin")
    assert review.reason == "I was there"


def test_withdrawing_takes_the_class_away_and_reinstating_gives_it_back(client):
    claim = reverted()
    make_import(claim.user, play(make_chart()))
    decide(client, "withdraw", claim)
    assert "dan" not in GameStats.objects.get().classes
    decide(client, "reinstate", claim)
    assert GameStats.objects.get().classes["dan"] == "DAN_5"


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        (["withdraw"] * 2, "All of the selected classes were withdrawn before."),
        (["keep"] * 2, "All of the selected classes were kept before."),
        (["reinstate"], "None of the selected classes is withdrawn."),
        (["withdraw", "keep"], "5th Dan of player_one was refused. It was withdrawn"),
    ],
)
def test_what_changes_nothing_says_so(client, actions, text):
    claim = reverted(make_user("player_one"))
    for action in actions:
        page = decide(client, action, claim)
    assert text in page


def test_a_busy_player_is_waited_for_once_and_said_to_be_busy(client, monkeypatch):
    user = make_user()
    claims = [reverted(user) for _ in range(3)]
    asked = []

    def busy(*args, **kwargs):
        asked.append(args)
        raise Busy("Another change of these scores is at work.")

    monkeypatch.setattr("imports.class_review.decide.change_of", busy)

    page = decide(client, "withdraw", *claims)

    assert page.count("Another change of these scores is at work.") == 3
    assert len(asked) == 1


def test_too_many_at_once_are_refused(client, monkeypatch):
    monkeypatch.setattr("tachi.admin.read_only.MAX_ROWS", 1)
    claims = [reverted(), reverted()]

    page = decide(client, "withdraw", *claims)

    assert "Select at most" in page
    assert not ClassReview.objects.exists()


def test_asking_costs_as_many_queries_for_many_as_for_one(
    client, django_assert_num_queries, django_assert_max_num_queries
):
    claims = [reverted() for _ in range(5)]
    with django_assert_max_num_queries(14) as few:
        choose(client, "withdraw", claims[0])
    with django_assert_num_queries(len(few)):
        choose(client, "withdraw", *claims)


def test_who_may_only_look_may_not_decide(client, moderator):
    claim = reverted()
    may_only(moderator, "view_classclaim")

    page = client.get(CLAIMS).content.decode()
    for action in ("withdraw", "keep", "reinstate"):
        decide(client, action, claim)

    assert "7th" not in page
    assert "Withdraw selected" not in page
    assert not ClassReview.objects.exists()


def test_moderators_may_see_decisions(django_user_model):
    groups = Permission.objects.get(codename="view_classreview").group_set
    assert set(groups.values_list("name", flat=True)) == {
        "Moderators",
        "Administrators",
    }


def test_a_restore_says_what_became_of_the_classes(client):
    claim = reverted()
    decide(client, "withdraw", claim)

    page = confirm(client, "restore", claim.source_import)

    assert "1 provided class stays withdrawn: 5th Dan (dan, sdvx Single)." in page


def test_a_revert_is_not_said_to_undo_all_where_a_class_stays(client):
    with_class = make_import(make_user(), play(make_chart()), classes=DAN)
    without = make_import(make_user(), play(make_chart()))

    def asked(import_):
        return ask(client, "revert", import_).content.decode()

    sentence = "Everything becomes as if this import had never been made."
    assert sentence in asked(without)
    assert sentence not in asked(with_class)
    assert "had never been made" not in asked(with_class)
