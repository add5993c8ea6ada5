import pytest

from tachi.accounts.models import AuthLevel
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

LOGIN, LOGOUT, STATUS = "/api/v1/auth/login", "/api/v1/auth/logout", "/api/v1/status"


@pytest.fixture
def user():
    return make_user("Tester", password="a good one")


def credentials(**changes):
    return {"username": "Tester", "!password": "a good one", "captcha": "x"} | changes


def test_a_login_is_a_session_that_the_admin_knows_too(api, user):
    response = api.post(LOGIN, credentials())

    assert response.status_code == 200
    assert response.json()["body"] == {"userID": user.pk}
    cookie = response.cookies["Tachi_SESSION"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["max-age"] > 360 * 24 * 3600
    assert api.get(STATUS).json()["body"]["whoami"] == user.pk

    user.is_staff = True
    user.save()
    assert api.client.get("/admin/").status_code == 200


def test_a_name_is_known_in_any_case_and_a_second_login_is_fine(api, user):
    for name in ("tester", "TESTER"):
        assert api.post(LOGIN, credentials(username=name)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"username": "nobody"}, 404, "does not exist"),
        ({"!password": "a wrong one"}, 403, "Invalid password"),
        ({"username": "x"}, 400, "[username]"),
        ({"username": "1abc"}, 400, "[username]"),
        ({"username": "Tester\n"}, 400, "[username]"),
        ({"username": None}, 400, "[username]"),
        ({"!password": "short"}, 400, "(Received ****)"),
        ({"!password": 12345678}, 400, "(Received ****)"),
        ({"captcha": 1}, 400, "[captcha] Expected string."),
        ({"other": 1}, 400, "[null] Unexpected properties inside object: other."),
    ],
)
def test_what_is_wrong_with_a_login_is_said(api, user, changes, status, text):
    response = api.post(LOGIN, credentials(**changes))

    assert response.status_code == status
    assert text in response.json()["description"]
    assert "Tachi_SESSION" not in response.cookies


def test_a_missing_password_is_told_as_missing(api):
    response = api.post(LOGIN, {"username": "Tester", "captcha": "x"})

    assert response.status_code == 400
    assert response.json()["description"].endswith("(Received nothing (undefined))")


def test_a_user_without_a_password_cannot_log_in(api):
    make_user("Hook")

    assert api.post(LOGIN, credentials(username="Hook")).status_code == 403


def test_a_user_who_is_not_active_cannot_log_in(api, user):
    user.is_active = False
    user.save()

    assert api.post(LOGIN, credentials()).status_code == 403


def test_a_form_on_another_site_cannot_log_anybody_in(api, user):
    form = "username=Tester&!password=a+good+one&captcha=x"
    content_type = "application/x-www-form-urlencoded"

    response = api.post(LOGIN, form, content_type=content_type)

    assert response.status_code == 400


def test_logout_ends_the_session_and_needs_one(api, user):
    api.post(LOGIN, credentials())

    response = api.post(LOGOUT)

    assert (response.status_code, response.json()["body"]) == (200, {})
    assert api.get(STATUS).json()["body"]["whoami"] is None
    assert api.post(LOGOUT).status_code == 409
    assert api.post(LOGOUT, token=make_token(user)).status_code == 409


def test_the_banned_are_told_so_after_logging_in(api, user):
    user.auth_level = AuthLevel.BANNED
    user.save()
    api.post(LOGIN, credentials())

    assert api.get("/api/v1/users/me").status_code == 403


def test_a_new_password_ends_the_sessions_of_the_old_one(api, user):
    api.post(LOGIN, credentials())
    user.set_password("another one")
    user.save()

    assert api.get(STATUS).json()["body"]["whoami"] is None
