"""The users, tokens, songs and charts that recordings tell of."""

from datetime import UTC, datetime

from scores.models import Song
from scores.seeds.files import Seeds
from scores.seeds.load import store
from tachi.accounts.models import ApiToken, AuthLevel, Permission, User, digest
from tests.golden.recordings import Recording

JOINED = datetime.fromtimestamp(1_700_000_000, UTC)
ABOUT = "I'm a fairly nondescript person."
UNTOLD_IDS = 900_000
WHOLE = {"playtype", "level", "levelNum", "isPrimary", "versions", "data"}
LEVELS = {"ban": AuthLevel.BANNED, "admin": AuthLevel.ADMIN}


def store_attached(recording: Recording) -> None:
    """The songs and charts that are attached to a recording."""
    content = recording.content
    store_charts(recording, content.get("songs", []), content.get("charts", []))


def store_added(recording: Recording) -> None:
    """The song and chart that were added in the middle of a recording."""
    added = recording.content["added"]
    store_charts(recording, [added["song"]], [added["chart"]])


def store_charts(recording: Recording, songs: list[dict], charts: list[dict]) -> None:
    """Store what is told in full; of charts that are in the seeds less is told."""
    first = min(recording.games, default="")
    games = {
        chart["chartID"]: recording.game_of_charts.get(chart["chartID"], first)
        for chart in charts
    }
    for game in sorted(set(games.values())):
        its = [
            chart
            for chart in charts
            if games[chart["chartID"]] == game and chart.keys() >= WHOLE
        ]
        ids = {chart["songID"] for chart in its}
        told = [song for song in songs if song["id"] in ids]
        known = Song.objects.filter(game=game, song_id__in=ids)
        ids = {song["id"] for song in told} | set(
            known.values_list("song_id", flat=True)
        )
        store(Seeds(game, told, [chart for chart in its if chart["songID"] in ids]))


def create_users(recordings: list[Recording]) -> None:
    """Everybody who acts in these recordings, with their tokens."""
    ids = {name: id_ for each in recordings for name, id_ in each.users.items()}
    levels = {name: level for each in recordings for name, level in each.levels.items()}
    tokens = {token for each in recordings for token in each.tokens}
    own = {id_ for each in recordings for id_ in each.own_users}
    for id_ in own - set(ids.values()):
        ids[f"player_{id_}"] = id_
    names = {name for name, id_ in ids.items() if id_ in own}
    for number, name in enumerate(sorted(names | {token.owner for token in tokens})):
        User.objects.create_user(
            name,
            id=ids.get(name, UNTOLD_IDS + number),
            about=ABOUT,
            auth_level=levels.get(name, _level(name)),
            date_joined=JOINED,
            last_seen=JOINED,
        )
    for token in tokens:
        _create(token)


def _level(name: str) -> AuthLevel:
    found = [level for part, level in LEVELS.items() if part in name]
    return found[0] if found else AuthLevel.USER


def _create(token) -> None:
    permissions = [
        name
        for name in Permission.values
        if token.lacks is None or not name.startswith(token.lacks)
    ]
    ApiToken.objects.create(
        user=User.objects.get(username=token.owner),
        digest=digest(token.secret),
        prefix=token.secret[:8],
        identifier=token.secret,
        permissions=permissions,
    )
