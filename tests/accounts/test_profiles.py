"""What users say of themselves, and the pictures that are drawn of them."""

from xml.etree import ElementTree

import pytest

from tachi.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/users/tester"
SITES = ["discord", "github", "steam", "twitch", "twitter", "youtube"]


@pytest.fixture
def user():
    return make_user("Tester")


@pytest.fixture
def at_home(api, user):
    return api.login(user)


def test_a_profile_is_changed_and_told(at_home, user):
    sent = {"about": "# Me", "status": "playing", "discord": "tester#1"}
    body = at_home.patch(PATH, sent).json()["body"]
    assert (body["about"], body["status"]) == ("# Me", "playing")
    assert body["socialMedia"] == {"discord": "tester#1"}
    assert at_home.get(PATH).json()["body"] == body
    at_home.patch(PATH, {"status": None, "discord": None, "about": ""})
    body = at_home.get(PATH).json()["body"]
    assert (body["about"], body["status"], body["socialMedia"]) == ("", None, {})


@pytest.mark.parametrize(
    ("site", "sent", "kept"),
    [
        ("github", "https://github.com/tester", "tester"),
        ("github", "github.com/tester/", "tester"),
        ("github", "my/github.com", "my/github.com"),
        ("twitter", "https://twitter.com/tester", "tester"),
        ("twitter", "https://X.com/@tester", "tester"),
        ("twitch", "http://www.twitch.tv/tester", "tester"),
        ("steam", "https://steamcommunity.com/id/tester/", "tester"),
        ("youtube", "https://www.youtube.com/user/tester", "tester"),
        ("youtube", "youtube.com/channel/tester", "tester"),
        ("youtube", "youtube.com/@tester", "tester"),
        ("discord", "discord.com/tester", "discord.com/tester"),
    ],
)
def test_an_address_of_a_site_is_the_name_in_it(at_home, site, sent, kept):
    body = at_home.patch(PATH, {site: sent}).json()["body"]
    assert body["socialMedia"] == {site: kept}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"about": None},
        {"about": "x" * 2001},
        {"status": "ab"},
        {"status": "x" * 141},
        *({site: "ab"} for site in SITES),
        {"username": "other"},
        {"auth_level": 3},
    ],
)
def test_what_cannot_be_said_is_told(at_home, user, sent):
    before = User.objects.values().get(pk=user.pk)
    assert at_home.patch(PATH, sent).status_code == 400
    assert User.objects.values().get(pk=user.pk) == before | {
        "last_seen": User.objects.get(pk=user.pk).last_seen
    }


@pytest.mark.parametrize("which", ["pfp", "banner"])
def test_a_picture_is_drawn_that_browsers_may_keep_and_show(api, user, which):
    answer = api.get(f"{PATH}/{which}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("public, max-age=")
    assert "Cookie" not in answer.get("Vary", "")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    ElementTree.fromstring(answer.content)
    for unsafe in (b"<script", b"style", b"href", b"onload"):
        assert unsafe not in answer.content


def test_ones_own_picture_is_kept_by_the_browser_only(at_home, user):
    answer = at_home.get("/api/v1/users/me/pfp")
    assert answer["Cache-Control"].startswith("private")
    assert "Cookie" in answer["Vary"]
    assert answer.content == at_home.get(f"{PATH}/pfp").content


def test_a_picture_has_the_initial_and_a_colour_of_its_own(api, user):
    first = api.get(f"{PATH}/pfp").content
    assert b">T</text>" in first
    make_user("Tessa")
    second = api.get("/api/v1/users/tessa/pfp").content
    assert b">T</text>" in second
    assert first != second
    assert api.get(f"/api/v1/users/{user.pk}/pfp").content == first


def test_nobody_has_no_picture(api, db):
    assert api.get("/api/v1/users/nobody/pfp").status_code == 404
    assert api.get("/api/v1/users/me/banner").status_code == 401


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("logos/logo-mark.png", ">R</text>"),
        ("logos/logo-wordmark.png", ">Rhythm &amp; &lt;Blues&gt;</text>"),
        ("game-banners/default", "Rhythm &amp; "),
        ("game-banners/sdvx", ">SOUND VOLTEX</text>"),
        ("game-banners/nothing", "Rhythm &amp; "),
        ("hero/scores.png", "</text>"),
        ("misc/overlay.png", "</text>"),
    ],
)
def test_the_site_draws_its_own(api, db, settings, path, text):
    settings.SERVER_NAME = "Rhythm & <Blues>"
    answer = api.get(f"/cdn/{path}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert answer["Cache-Control"].startswith("public")
    assert text in answer.content.decode()
    ElementTree.fromstring(answer.content)
