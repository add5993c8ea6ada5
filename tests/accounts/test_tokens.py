import pytest

from tachi.accounts.models import ApiToken, AuthLevel, Permission
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user("tester")


@pytest.fixture
def at_home(api, user):
    return api.login(user)


TOKENS = "/api/v1/users/tester/api-tokens"
CREATE = f"{TOKENS}/create"


def create(api, **body):
    return api.post(CREATE, body)


def test_a_new_token_is_shown_once_and_works(at_home, user):
    response = create(at_home, permissions=["submit_score"], identifier="My hook")

    assert response.status_code == 200
    body = response.json()["body"]
    secret = body.pop("token")
    assert len(secret) == 40
    assert body == {
        "userID": user.pk,
        "identifier": "My hook",
        "permissions": {"submit_score": True},
        "fromAPIClient": None,
    }
    at_home.client.logout()
    status = at_home.get("/api/v1/status", token=secret).json()["body"]
    assert status["permissions"] == ["submit_score"]


def test_the_list_shows_own_tokens_by_their_first_digits(at_home, user):
    secret = make_token(user, "submit_score")
    make_token(make_user(), "submit_score")

    response = at_home.get(TOKENS)

    assert response.json()["body"] == [
        {
            "userID": user.pk,
            "token": f"{secret[:8]}…",
            "identifier": "Custom Token",
            "permissions": {"submit_score": True},
            "fromAPIClient": None,
        }
    ]
    assert secret not in response.content.decode()


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "must specify either clientID or permissions"),
        (
            {"permissions": [], "clientID": "x"},
            400,
            "clientID creation and permissions creation at the same time",
        ),
        ({"permissions": ["submit_score", "fly"]}, 400, "fly"),
        ({"permissions": ["fly"]}, 400, "[permissions[0]] Expected any of "),
        ({"permissions": "submit_score"}, 400, "[permissions] Value was not an array."),
        ({"permissions": [["submit_score"]]}, 400, "[permissions[0]]"),
        ({"permissions": [], "identifier": "x" * 81}, 400, "[identifier]"),
        ({"permissions": [], "identifier": None}, 400, "[identifier]"),
        ({"permissions": [], "more": 1}, 400, "Unexpected properties"),
        ({"clientID": "CInobody"}, 404, "client"),
    ],
)
def test_what_is_wrong_with_a_new_token_is_said(at_home, body, status, text):
    response = at_home.post(CREATE, body)

    assert response.status_code == status
    assert text in response.json()["description"]
    assert not ApiToken.objects.exists()


def test_a_token_without_permissions_or_a_name_is_fine(at_home):
    body = create(at_home, permissions=[]).json()["body"]

    assert body["permissions"] == {}
    assert body["identifier"] == "Custom Token"


def test_a_permission_twice_is_once(at_home):
    body = create(at_home, permissions=["submit_score"] * 3).json()["body"]

    assert body["permissions"] == {"submit_score": True}


@pytest.mark.parametrize("by", ["{}", "{:.8}", "{:.8}…", "{:.8}%E2%80%A6"])
def test_a_deleted_token_no_longer_works(at_home, user, by):
    secret, other = make_token(user), make_token(user)
    key = by.format(secret)

    response = at_home.delete(f"{TOKENS}/{key}")

    assert (response.status_code, response.json()["body"]) == (200, {})
    assert at_home.delete(f"{TOKENS}/{key}").status_code == 404
    assert [token["token"] for token in at_home.get(TOKENS).json()["body"]] == [
        f"{other[:8]}…"
    ]
    at_home.client.logout()
    assert at_home.get("/api/v1/status", token=secret).status_code == 401


def test_a_token_of_somebody_else_is_a_404_and_stays(at_home):
    secret = make_token(make_user())

    for key in (secret, secret[:8], f"{secret[:8]}…", "…", "nonsense"):
        assert at_home.delete(f"{TOKENS}/{key}").status_code == 404
    assert ApiToken.objects.live().count() == 1


def test_only_the_session_of_that_very_user_will_do(api, user):
    admin = make_user(auth_level=AuthLevel.ADMIN)
    own = make_token(user, *Permission.values)
    asks = [("GET", TOKENS), ("POST", CREATE), ("DELETE", f"{TOKENS}/{own}")]

    for method, path in asks:
        assert api.send(method, path).status_code == 401
        assert api.send(method, path, token=own).status_code == 403
        nobody = path.replace("tester", "nobody")
        assert api.send(method, nobody).status_code == 404
    api.login(admin)
    for method, path in asks:
        assert api.send(method, path).status_code == 403
    assert ApiToken.objects.live().count() == 1
