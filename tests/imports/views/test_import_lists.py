from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import Import, State
from imports.pipeline import run_inline
from tests.factories import make_import, make_user, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def listed(owner):
    other = make_user()
    by_intent = make_import(owner, user_intent=True)
    plain = make_import(other)
    failed = run_inline(send(owner, {"nonsense": 1}))
    assert failed.state == State.FAILED
    return by_intent, plain, failed


def test_all_imports_are_listed_newest_first_with_their_users(api, owner, listed):
    by_intent, plain, _ = listed
    body = api.get("/api/v1/imports?").json()["body"]
    found = [document["importID"] for document in body["imports"]]
    assert found == [plain.import_id, by_intent.import_id]
    assert {user["id"] for user in body["users"]} == {owner.pk, plain.user_id}


def test_failed_imports_are_listed_with_their_reasons(api, owner, listed):
    failed = listed[2]
    body = api.get("/api/v1/imports/failed").json()["body"]
    (tracker,) = body["failedImports"]
    assert tracker == {
        "type": "FAILED",
        "importID": failed.import_id,
        "importType": "file/batch-manual",
        "userID": owner.pk,
        "userIntent": False,
        "timeStarted": tracker["timeStarted"],
        "error": {"message": failed.error_text, "statusCode": 400},
    }
    assert [user["id"] for user in body["users"]] == [owner.pk]


def test_a_users_lists_are_bare_arrays(api, owner, listed):
    by_intent, _, failed = listed
    (document,) = api.get(f"/api/v1/users/{owner.pk}/imports").json()["body"]
    (tracker,) = api.get(f"/api/v1/users/{owner.pk}/imports/failed").json()["body"]
    assert document["importID"] == by_intent.import_id
    assert tracker["importID"] == failed.import_id


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("userIntent=true", 1),
        ("userIntent=false", 1),
        ("importType=file/batch-manual", 2),
        ("importType=ir/direct-manual", 0),
    ],
)
def test_lists_are_filtered_by_what_the_query_asks_for(api, listed, query, count):
    body = api.get(f"/api/v1/imports?{query}").json()["body"]
    assert len(body["imports"]) == count


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/imports",
        "/api/v1/imports/failed",
        "/api/v1/users/{}/imports",
        "/api/v1/users/{}/imports/failed",
    ],
)
@pytest.mark.parametrize(
    "query", ["foo=1", "userIntent=1", "userIntent=", "importType=zzz"]
)
def test_a_query_that_means_nothing_is_400(api, owner, path, query):
    assert api.get(f"{path.format(owner.pk)}?{query}").status_code == 400


def test_the_user_is_looked_for_before_the_query_is_read(api):
    assert api.get("/api/v1/users/nobody/imports?foo=1").status_code == 404
    assert api.get("/api/v1/users/me/imports?foo=1").status_code == 401


def test_recent_imports_count_what_the_user_did_on_purpose_this_month(api, owner):
    def have_imported(import_type, count, user_intent=True, days_ago=0):
        for _ in range(count):
            import_ = make_import(owner)
            Import.objects.filter(pk=import_.pk).update(
                import_type=import_type,
                user_intent=user_intent,
                finished_at=timezone.now() - timedelta(days=days_ago),
            )

    have_imported("api/flo-sdvx", 1)
    have_imported("api/flo-iidx", 2)
    have_imported("ir/direct-manual", 3, user_intent=False)
    have_imported("file/batch-manual", 3, days_ago=29)
    have_imported("file/mypagescraper-player-csv", 3)
    make_import(make_user(), user_intent=True)
    body = api.get(f"/api/v1/users/{owner.pk}/recent-imports").json()["body"]
    assert body == [
        {"importType": "api/flo-iidx", "count": 2},
        {"importType": "api/flo-sdvx", "count": 1},
    ]
