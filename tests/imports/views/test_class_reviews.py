from urllib.parse import urlencode

import pytest

from imports.class_review.decide import withdraw
from imports.models import RequestedBy
from imports.undo.revert import revert_import
from scores.models import ClassClaim, ClassReview
from tachi.accounts.models import AuthLevel
from tests.factories import OPERATOR, make_token, make_user
from tests.imports.class_review.test_decide import dan_of, provide, reverted
from tests.rights.people import make_moderator, make_staff

pytestmark = pytest.mark.django_db
REVIEWS = "/api/v1/class-reviews"


@pytest.fixture
def boss(api):
    user = make_moderator(username="boss")
    api.login(user)
    return user


def asked(api, **query):
    return api.get(f"{REVIEWS}?{urlencode(query)}").json()["body"]


def listed(api, **query):
    return asked(api, **query)["reviews"]


def decide(api, claim, verb, body=None):
    return api.post(f"{REVIEWS}/{claim.pk}/{verb}", body)


def test_what_is_to_be_reviewed_is_listed_with_all_that_is_known(api, boss, user):
    lower = provide(user, "DAN_3")
    claim = provide(user, "DAN_7")
    by = RequestedBy(boss, "admin", "a broken client")
    revert_import(claim.source_import, by)
    higher = provide(user, "DAN_8")

    (found,) = listed(api)

    assert found.pop("revertedAt") > 0
    assert found == {
        "reviewID": str(claim.pk),
        "userID": user.pk,
        "username": user.username,
        "game": "sdvx",
        "playtype": "Single",
        "set": "dan",
        "value": "DAN_7",
        "name": "7th Dan",
        "state": "review",
        "before": "DAN_8",
        "beforeName": "8th Dan",
        "supported": 1,
        "supportedBy": [higher.source_import.import_id],
        "importID": claim.source_import.import_id,
        "revertedBy": boss.pk,
        "reason": "a broken client",
        "decidedAt": None,
        "decidedBy": None,
        "decisionReason": None,
    }
    states = {each["reviewID"]: each["state"] for each in listed(api, state="all")}
    assert states == {
        str(lower.pk): "live",
        str(claim.pk): "review",
        str(higher.pk): "live",
    }


def test_a_class_is_withdrawn_reinstated_and_kept(api, boss, user):
    claim = reverted(user, "DAN_7")

    answer = decide(api, claim, "withdraw", {"reason": "never passed it"}).json()

    assert answer["description"] == "Withdrew 7th Dan."
    body = answer["body"]
    assert (body["state"], body["decidedBy"]) == ("withdrawn", "boss")
    assert body["decisionReason"] == "never passed it"
    assert (listed(api), dan_of(user)) == ([], None)
    assert decide(api, claim, "reinstate").json()["body"]["state"] == "review"
    assert dan_of(user) == "DAN_7"
    assert decide(api, claim, "keep").json()["body"]["state"] == "kept"
    assert len(listed(api, state="kept")) == 1
    decisions = ClassReview.objects.values_list("origin", "decided_by")
    assert list(decisions) == [("api", boss.pk)] * 3


@pytest.mark.parametrize(
    ("first", "verb", "text"),
    [
        (["withdraw"], "withdraw", "This class is withdrawn already."),
        (["keep"], "keep", "This class is kept already."),
        ([], "reinstate", "This class is not withdrawn."),
        (["withdraw"], "keep", "It was withdrawn on "),
    ],
)
def test_what_cannot_be_decided_is_409_with_a_sentence(
    api, boss, user, first, verb, text
):
    claim = reverted(user, "DAN_7")
    for each in first:
        decide(api, claim, each)

    answer = decide(api, claim, verb)

    assert answer.status_code == 409
    assert answer.json()["description"].startswith(text)


@pytest.mark.parametrize("who", ["player", "staff", "token"])
def test_who_may_not_review_sees_and_decides_nothing(api, who):
    player = make_user(auth_level=AuthLevel.ADMIN) if who == "token" else make_user()
    claim = reverted(player, "DAN_7")
    token = make_token(player, "delete_score") if who == "token" else None
    if who != "token":
        api.login(player if who == "player" else make_staff("imports.bulk_revert"))

    assert api.get(REVIEWS, token=token).status_code == 403
    for verb in ("withdraw", "keep", "reinstate"):
        url = f"{REVIEWS}/{claim.pk}/{verb}"
        assert api.post(url, token=token).status_code == 403
    assert not ClassReview.objects.exists()


def test_the_list_pages_and_costs_the_same_for_many(
    api, boss, django_assert_num_queries, django_assert_max_num_queries
):
    claims = [reverted(make_user(), "DAN_7") for _ in range(5)]
    with django_assert_max_num_queries(16) as few:
        first = asked(api, limit=1)
    with django_assert_num_queries(len(few)):
        rest = asked(api, cursor=first["next"])

    found = [each["reviewID"] for each in (*first["reviews"], *rest["reviews"])]
    assert found == [str(claim.pk) for claim in reversed(claims)]
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["state=lost", "user=1", "limit=0", "cursor=x"])
def test_what_is_not_understood_lists_nothing(api, boss, query):
    assert api.get(f"{REVIEWS}?{query}").status_code == 400


@pytest.mark.parametrize("body", [{"reason": 1}, {"reason": "x" * 1001}, {"why": ""}])
def test_a_decision_that_is_not_understood_is_none(api, boss, user, body):
    claim = reverted(user, "DAN_7")
    assert decide(api, claim, "withdraw", body).status_code == 400
    assert not ClassReview.objects.exists()


def test_the_restore_of_an_import_says_what_became_of_its_classes(api, user):
    claim = reverted(user, "DAN_7")
    withdraw(claim, OPERATOR)
    api.login(user)

    url = f"/api/v1/imports/{claim.source_import.import_id}/restore"
    answer = api.post(url).json()

    text = "1 provided class stays withdrawn: 7th Dan (dan, sdvx Single)."
    assert answer["description"] == f"Restored import. {text}"
    assert answer["body"] == {}
    assert ClassClaim.objects.get().withdrawn_at is not None
