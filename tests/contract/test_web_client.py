"""The pages of Tachi's web client: what each asks, in its order, and what it reads.

Each is walked by a guest, by a player who has played the game, and by one who has not.
"{me}" is who asks, "{user}" whose page it is: somebody who has played.
"""

import re

import pytest

from scores.edits import edit_score, edit_session
from scores.models import Score, Session
from tests.conftest import Api
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db

ACTIVITY = (
    "recentSessions[].sessionID recentlyHighlightedScores[].scoreID songs[] charts[] "
    "achievedClasses[].classValue users[].username goals[] goalSubs[] quests[] "
    "questSubs[]"
)
BY_GAME = " ".join(f"*.{each}" for each in ACTIVITY.split())
PREFERENCES = (
    "rivals[] preferences.stats[] preferences.gameSpecific "
    "preferences.preferredScoreAlg preferences.preferredSessionAlg "
    "preferences.preferredProfileAlg preferences.preferredDefaultEnum "
    "preferences.defaultTable preferences.preferredRanking"
)
SESSION = (
    "session.name session.scoreIDs[] scores[].scoreData.enumIndexes songs[].title "
    "charts[].difficulty user.username scoreInfo[].scoreID"
)
CALENDAR = "[].sessionID [].name [].timeStarted [].timeEnded [].game [].highlight"
TARGETS = "goals[] goalSubs[] quests[] questSubs[]"
PBS = "pbs[].scoreData pbs[].rankingData.rank songs[].title charts[].difficulty"
SCORES = "scores[].scoreData scores[].calculatedData songs[].title charts[].difficulty"
LISTED = "[].sessionID [].name [].__scoreInfo[].scoreID [].calculatedData"
G, UG = "games/sdvx/Single", "users/{user}/games/sdvx/Single"
MINE = "users/{me}/games/sdvx/Single"
#: What only those read who are logged in, and those who have played the game.
ACCOUNT, PLAYED = "account", "played"

PAGES = {
    "on every page": [
        ("config", "NAME TYPE GAMES[] IMPORT_TYPES[]"),
        ("status", "version"),
        ("users/{me}", "username socialMedia", ACCOUNT),
        ("users/{me}/settings", "following[] preferences.developerMode", ACCOUNT),
        ("users/{me}/is-email-verified", "", ACCOUNT),
        ("users/{me}/game-stats", "[].game [].playtype [].__rankingData", ACCOUNT),
    ],
    "the first page": [
        ("users/{me}/recent-summary", "recentPlaycount recentSessions[].sessionID "
         "recentFolders[] recentFolderStats[] recentAchievedGoals[] recentGoals[] "
         "recentImprovedGoals[]", ACCOUNT),
        ("users/{me}/activity?includeRivals=false&includeFollowers=true", BY_GAME,
         ACCOUNT),
        ("users/{me}/stats", "scores sessions", ACCOUNT),
        ("users/{me}/sessions/calendar", CALENDAR, ACCOUNT),
        ("activity", BY_GAME),
    ],
    "a user": [
        ("users/{user}", "username about status badges[] socialMedia joinDate"),
        ("users/{user}/game-stats", "[].ratings [].classes [].__rankingData"),
        ("users/{user}/activity", BY_GAME),
        ("users/{user}/sessions/calendar", CALENDAR),
    ],
    "a profile": [
        (UG, "gameStats.ratings gameStats.classes firstScore mostRecentScore "
         "totalScores rankingData playtime"),
        (f"{UG}/settings", PREFERENCES),
        ("config/max-rivals", ""),
        (MINE, "gameStats.userID", PLAYED),
        (f"{MINE}/settings", PREFERENCES, PLAYED),
        (f"{MINE}/targets/all-subs", "goalSubs[] questSubs[]", PLAYED),
        (f"{UG}/showcase", "[]"),
        (f"{UG}/history?duration=3mo", "0.ratings 0.rankings 0.playcount "
         "0.timestamp [].classes"),
        (f"{UG}/activity", ACTIVITY),
        (f"{UG}/sessions/last", "session.sessionID scoreInfo[].scoreID"),
    ],
    "a profile's scores": [
        (f"{UG}/pbs/best?alg=VF6", PBS),
        (f"{UG}/pbs?search=song", PBS),
        (f"{UG}/scores/recent", SCORES),
        (f"{UG}/scores?search=song", SCORES),
        (f"{UG}/most-played", f"{PBS} pbs[].__playcount"),
        (f"{UG}/pbs/{{chart}}?getComposition=true", "pb.scoreData chart scores[]"),
        (f"{UG}/scores/{{chart}}", "[].scoreID"),
        (f"{MINE}/targets/on-chart/{{chart}}", TARGETS, PLAYED),
    ],
    "a profile's sessions": [
        (f"{UG}/sessions/calendar", CALENDAR),
        (f"{UG}/sessions/best", LISTED),
        (f"{UG}/sessions/recent", LISTED),
        (f"{UG}/sessions/highlighted", LISTED),
        (f"{UG}/sessions?search=a", "[].sessionID [].name [].timeEnded"),
        ("sessions/{session}", SESSION),
        ("sessions/{session}/folder-raises", "[]"),
        (f"{G}/tables", "[]"),
    ],
    "a profile's leaderboard": [
        (f"{UG}/leaderboard-adjacent?alg=VF6", "above[].ratings below[].ratings "
         "users[].username thisUsersStats.ratings thisUsersRanking.ranking "
         "thisUsersRanking.outOf"),
        (f"{G}/leaderboard?limit=3&alg=VF6", "gameStats[].ratings users[].username"),
    ],
    "a player's settings": [
        (f"{MINE}/settings", PREFERENCES, PLAYED),
        (f"{G}/tables?showInactive=true", "0.tableID [].default [].inactive"),
    ],
    "a game": [
        (G, "config scoreCount playerCount chartCount"),
        (f"{G}/activity", ACTIVITY),
        (f"{G}/leaderboard?alg=VF6&limit=100", "gameStats[].ratings users[].username"),
        (f"{G}/pb-leaderboard?alg=VF6", f"{PBS} users[].username"),
        (f"{G}/players?search=a", "[].username"),
        (f"{G}/charts", "charts[].__playcount songs[].title"),
        (f"{G}/charts?search=song", "charts[].__playcount songs[].title"),
    ],
    "a chart": [
        (f"{G}/charts/{{chart}}", "song.id chart.chartID"),
        (f"{G}/songs/{{song}}", "song.title charts[].chartID"),
        (f"{G}/charts/{{chart}}/folders", "[]"),
        (f"{G}/charts/{{chart}}/pbs", "pbs[].rankingData.rank users[].username"),
        (f"{G}/charts/{{chart}}/playcount", "count"),
        (f"{MINE}/pbs/{{chart}}/leaderboard-adjacent", "pb.scoreData adjacentAbove[] "
         "adjacentBelow[] users[].username", PLAYED),
        (f"{MINE}/pbs/{{chart}}/rivals", "pbs[].userID rivals[]", PLAYED),
    ],
    "a search": [
        ("search?search=song", "users[].username charts.*[].song folders[]"),
        ("search/chart-hash?search=song", "charts.*[].chart"),
    ],
    "imports": [
        ("users/{me}/imports?", "[].importID [].userIntent [].errors[]", ACCOUNT),
        ("users/{me}/imports/failed?", "[].importID", ACCOUNT),
        ("users/{me}/recent-imports", "[].importType", ACCOUNT),
        ("users/{me}/api-tokens", "[].token [].permissions", ACCOUNT),
    ],
}  # fmt: skip
PICTURES = [
    "/api/v1/users/{user}/pfp",
    "/api/v1/users/{user}/banner",
    "/cdn/logos/logo-mark.png",
    "/cdn/logos/logo-wordmark.png",
    "/cdn/game-banners/default",
    "/cdn/game-banners/sdvx",
]
WHO = ["guest", "player", "newcomer"]


class World:
    """Somebody who has played, with all that pages may show; and who looks at it."""

    def __init__(self, who):
        chart, other = make_chart(), make_chart()
        user = make_user("played")
        days = [NOON + n * 24 * HOUR for n in range(3)]
        make_import(
            user,
            *(
                play(chart, 9_000_000 + time % 1000 + n, time)
                for n, time in enumerate(days)
            ),
            play(other, 8_000_000),
            classes={"dan": "DAN_5"},
            user_intent=True,
        )
        make_import(make_user("another"), play(chart, 9_500_000, NOON))
        edit_score(
            Score.objects.filter(user=user, time_achieved=NOON).get(), highlight=True
        )
        session = Session.objects.filter(user=user).first()
        edit_session(session, highlight=True)
        me = {"player": user, "newcomer": make_user("newcomer")}.get(who)
        self.api = Api().login(me) if me else Api()
        self.who = who
        self.names = {
            "user": user.pk,
            "me": me.pk if me else "me",
            "chart": chart.chart_id,
            "song": chart.song.song_id,
            "session": session.session_id,
        }

    def expected(self, needs):
        if not needs or self.who == "player":
            return 200
        if self.who == "guest":
            return 401
        return 200 if needs == ACCOUNT else 404


def read(body, path, whole):
    """Read a key as the client does: every part of it has to be there."""
    if path == "":
        return
    head, rest = re.match(r"(\[\]|\*|[^.\[]+)\.?(.*)", path).groups()
    if head == "[]":
        assert isinstance(body, list), whole
        for each in body:
            read(each, rest, whole)
    elif head == "*":
        for each in body.values():
            read(each, rest, whole)
    elif head.isdigit():
        read(body[int(head)], rest, whole)
    else:
        assert head in body, f"{whole}: {head}"
        read(body[head], rest, whole)


def refers_to_what_is_there(body):
    """Every song, chart and user that is referred to beside such lists is in them."""
    if isinstance(body, list):
        for each in body:
            refers_to_what_is_there(each)
        return
    if not isinstance(body, dict):
        return
    listed = [
        (
            "songs",
            "id",
            "songID",
            ("pbs", "scores", "recentlyHighlightedScores", "charts"),
        ),
        (
            "charts",
            "chartID",
            "chartID",
            ("pbs", "scores", "recentlyHighlightedScores"),
        ),
        (
            "users",
            "id",
            "userID",
            ("pbs", "gameStats", "recentSessions", "above", "below"),
        ),
    ]
    for name, key, reference, lists in listed:
        if isinstance(body.get(name), list):
            there = {each[key] for each in body[name]}
            for each in (row for of in lists for row in body.get(of) or []):
                assert each[reference] in there, (name, each[reference])
    for each in body.values():
        refers_to_what_is_there(each)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_gets_all_that_it_reads(settings, page, who):
    settings.RATE_LIMITS = False
    world = World(who)
    for path, keys, *needs in PAGES[page]:
        path = path.format_map(world.names)
        answer = world.api.get(f"/api/v1/{path}")
        told = answer.json()
        assert answer.status_code == world.expected(*needs or [""]), (path, told)
        assert isinstance(told["description"], str)
        if answer.status_code == 200:
            for key in keys.split():
                read(told["body"], key, f"{path} {key}")
            refers_to_what_is_there(told["body"])


@pytest.mark.parametrize("who", WHO)
def test_no_picture_is_broken(who):
    world = World(who)
    for path in PICTURES:
        answer = world.api.get(path.format_map(world.names))
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("image/")


def test_a_page_of_who_has_not_played_says_so_and_goes_on():
    world = World("newcomer")
    path = f"/api/v1/{MINE}".format_map(world.names)
    assert world.api.get(path).status_code == 404
    assert world.api.get(f"{path}/settings").status_code == 404
    for rest in ("activity", "recent-summary", "game-stats", "stats"):
        answer = world.api.get(f"/api/v1/users/{world.names['me']}/{rest}")
        assert answer.status_code == 200


def test_the_answers_that_are_read_are_not_empty_here():
    """So that what is read of their items is really read."""
    world = World("player")
    for path in (f"{UG}/activity", f"{UG}/most-played", f"{UG}/sessions/highlighted"):
        body = world.api.get(f"/api/v1/{path.format_map(world.names)}").json()["body"]
        lists = [body] if isinstance(body, list) else body.values()
        assert [each for each in lists if each]
