import pytest

from imports.models import HookSettings
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

FERVIDEX, KSHOOK = (
    f"/api/v1/users/{{}}/integrations/{hook}/settings"
    for hook in ("fervidex", "kshook-sv6c")
)
both = pytest.mark.parametrize("address", [FERVIDEX, KSHOOK])


@pytest.fixture
def own(api, user):
    """Ask, or set, as the user who is logged in; status and body."""
    api.login(user)

    def ask(address, method="GET", sent=None):
        answer = api.send(method, address.format("me"), sent)
        return answer.status_code, answer.json().get("body")

    return ask


def test_settings_are_those_that_were_set(own, user):
    assert own(FERVIDEX) == (200, {"cards": None, "forceStaticImport": False})
    assert own(KSHOOK) == (200, {"forceStaticImport": False})
    assert not HookSettings.objects.exists()
    cards = ["E004010000000000", "E004010000000001"]
    whole = {"cards": cards, "forceStaticImport": True}
    assert own(FERVIDEX, "PUT", whole) == (200, whole)
    assert own(FERVIDEX, "PATCH", {"forceStaticImport": False})[1]["cards"] == cards
    assert own(FERVIDEX, "PATCH", {}) == own(FERVIDEX)
    assert own(KSHOOK, "PUT", {"forceStaticImport": True})[0] == 200
    assert own(FERVIDEX)[1] == {"cards": cards, "forceStaticImport": False}
    assert own(FERVIDEX, "PUT", {})[1] == {"cards": None, "forceStaticImport": False}
    assert own(KSHOOK)[1] == {"forceStaticImport": True}
    assert HookSettings.objects.filter(user=user).count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"forceStaticImport": None},
        {"forceStaticImport": "true"},
        {"forceStaticImport": 1},
        {"cards": "E004"},
        {"cards": [5]},
        {"cards": [""]},
        {"cards": ["x" * 101]},
        {"cards": [None]},
        {"cards": ["E004"] * 7},
        {"cards": {"0": "E004"}},
        {"card": []},
        [],
        ["E004"],
    ],
)
def test_settings_that_cannot_be_are_refused(own, sent):
    for method in ("PUT", "PATCH"):
        status = own(FERVIDEX, method, sent)[0]
        assert status == (200 if sent == [] else 400)
    assert own(KSHOOK, "PUT", {"cards": None})[0] == 400


@both
def test_settings_are_for_their_players_session_only(address, api, user, settings):
    mine = address.format(user.pk)
    assert api.get(mine).status_code == 401
    token = make_token(user, "submit_score", "customise_profile")
    assert api.get(mine, token=token).status_code == 403
    assert api.login(make_user()).get(mine).status_code == 403
    assert api.get(address.format("nobody")).status_code == 404
    api.login(user)
    assert api.send("PUT", mine, {"forceStaticImport": True}).status_code == 200
    settings.SERVER_TYPE = "boku"
    assert api.get(mine).status_code == 404
    assert api.send("PUT", mine, {"forceStaticImport": False}).status_code == 404
    assert HookSettings.objects.get().force_static_import is True
    user.delete()
    assert not HookSettings.objects.exists()
