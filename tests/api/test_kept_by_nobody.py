"""What caches are told: answers may depend on who asks."""

import pytest

from tests.factories import make_chart, make_import, make_token, make_user, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def player():
    return make_user("player", is_staff=True, is_superuser=True)


def vary(answer):
    return {each.strip() for each in answer.get("Vary", "").split(",")}


def test_no_answer_of_the_api_is_kept_or_given_to_somebody_else(api, player):
    token = make_token(player)
    import_ = make_import(player, play(make_chart()))
    for path in (
        "status",
        "users/me",
        "nothing",
        f"imports/{import_.import_id}",
        f"scores/{import_.scores.get().score_id}",
        f"users/{player.pk}/api-tokens",
    ):
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            answer = api.get(f"/api/v1/{path}", headers=headers)
            kept = answer["Cache-Control"]
            expected = "private, no-cache" if "ETag" in answer else "no-store"
            assert kept == expected, path
            assert {"Authorization", "Cookie"} <= vary(answer), path
    login = api.post("/api/v1/auth/login", "{bad")
    assert (login.status_code, login["Cache-Control"]) == (400, "no-store")


def test_what_has_a_tag_is_kept_by_who_asked_and_asked_for_again(api, player):
    import_ = make_import(player, play(make_chart()))
    for path in (
        f"imports/{import_.import_id}/poll-status",
        f"imports/{import_.import_id}",
    ):
        answer = api.get(f"/api/v1/{path}")
        again = api.get(f"/api/v1/{path}", headers={"If-None-Match": answer["ETag"]})
        assert (answer.status_code, again.status_code) == (200, 304)
        for each in (answer, again):
            assert each["Cache-Control"] == "private, no-cache"
            assert {"Authorization", "Cookie"} <= vary(each)


@pytest.mark.parametrize("page", ["/admin/", "/admin/imports/import/", "/admin/login/"])
def test_pages_of_the_admin_are_not_kept(client, player, page):
    for _ in range(2):
        answer = client.get(page)
        assert "no-store" in answer["Cache-Control"]
        assert "Cookie" in vary(answer)
        client.force_login(player)
