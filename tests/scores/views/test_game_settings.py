"""What a player prefers to be shown of a game."""

import pytest

from scores.models import GameSettings
from tests.factories import make_chart, make_import, make_token, make_user, play

pytestmark = pytest.mark.django_db

UNCHOSEN = {
    "preferredScoreAlg": None,
    "preferredSessionAlg": None,
    "preferredProfileAlg": None,
    "preferredDefaultEnum": None,
    "defaultTable": None,
    "preferredRanking": None,
    "stats": [],
    "gameSpecific": {},
}


@pytest.fixture
def player():
    player = make_user("Nimble")
    make_import(player, play(make_chart()))
    return player


@pytest.fixture
def path(player):
    return f"/api/v1/users/{player.pk}/games/sdvx/Single/settings"


def test_who_has_chosen_nothing_prefers_nothing(api, player, path):
    assert api.get(path).json()["body"] == {
        "userID": player.pk,
        "game": "sdvx",
        "playtype": "Single",
        "rivals": [],
        "preferences": UNCHOSEN,
    }
    assert not GameSettings.objects.exists()


def test_what_is_chosen_is_kept_and_the_rest_stays(api, player, path):
    token = make_token(player, "customise_profile")
    first = {"preferredScoreAlg": "VF6", "gameSpecific": {"vf6Target": 0.3}}
    api.patch(path, first, token=token)
    second = {"preferredScoreAlg": None, "preferredDefaultEnum": "lamp"}
    body = api.patch(path, second, token=token).json()["body"]
    assert body["preferences"] == UNCHOSEN | {
        "preferredDefaultEnum": "lamp",
        "gameSpecific": {"vf6Target": 0.3},
    }
    assert api.get(path).json()["body"] == body


def test_the_form_of_the_web_client_is_understood(api, player, path):
    sent = {
        "preferredScoreAlg": "VF6",
        "preferredProfileAlg": "VF6",
        "preferredSessionAlg": "ProfileVF6",
        "gameSpecific": {},
        "defaultTable": None,
        "preferredDefaultEnum": "grade",
        "preferredRanking": "global",
    }
    answer = api.login(player).patch(path, sent)
    assert answer.status_code == 200
    assert answer.json()["body"]["preferences"] == UNCHOSEN | sent


def test_nothing_is_changed_successfully(api, player, path):
    answer = api.login(player).patch(path, {})
    assert (answer.status_code, answer.json()["body"]["preferences"]) == (200, UNCHOSEN)


@pytest.mark.parametrize(
    "sent",
    [
        {"preferredScoreAlg": "BPI"},
        {"preferredSessionAlg": "VF6 "},
        {"preferredDefaultEnum": "score"},
        {"preferredRanking": "local"},
        {"defaultTable": "a-table"},
        {"gameSpecific": {"bpiTarget": 5}},
        {"gameSpecific": {"vf6Target": "high"}},
        {"stats": []},
    ],
)
def test_what_the_game_does_not_have_cannot_be_chosen(api, player, path, sent):
    answer = api.login(player).patch(path, sent)
    assert answer.status_code == 400
    assert next(iter(sent)) in answer.json()["description"]
    assert not GameSettings.objects.exclude(preferences={}).exists()


def test_what_the_game_has_no_more_is_not_told(api, player, path):
    chosen = {"preferredScoreAlg": "VF5"}
    GameSettings.objects.create(user=player, gpt="sdvx:Single", preferences=chosen)
    assert api.get(path).json()["body"]["preferences"] == UNCHOSEN


def test_each_player_has_their_own(api, player, path):
    other = make_user()
    make_import(other, play(make_chart()))
    api.login(other).patch(
        path.replace(str(player.pk), "me"), {"preferredScoreAlg": "VF6"}
    )
    assert api.get(path).json()["body"]["preferences"] == UNCHOSEN


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/users/nobody/games/sdvx/Single/settings", 404),
        ("/api/v1/users/me/games/sdvx/Single/settings", 401),
        ("/api/v1/users/Nimble/games/chess/Single/settings", 400),
        ("/api/v1/users/Nimble/games/sdvx/DP/settings", 400),
        ("/api/v1/users/Nimble/games/iidx/SP/settings", 404),
    ],
)
def test_there_is_none_where_nothing_was_played(api, player, path, status):
    assert api.get(path).status_code == status
    assert api.patch(path, {}).status_code == status
