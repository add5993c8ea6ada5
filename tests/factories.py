"""Things to test with: each function makes one, with defaults for what is not said."""

import json
from collections.abc import Iterable
from itertools import count

from imports.models import Import, RequestedBy, State
from imports.pipeline import Sent, accept, run_inline
from scores.models import Chart, ChartIdentifier, Song
from scores.seeds.identifiers import chart_identifiers, song_identifiers
from tachi.accounts.models import ApiToken, User

OPERATOR = RequestedBy(user=None, origin="command", reason="a test")
HOUR = 60 * 60 * 1000
NOON = 1_700_000_000_000

# Above every number that a test makes up for a song that is not there.
numbers = count(1_000_000)


def make_user(username: str = "", password: str = "", **fields) -> User:
    """A user; without a password unless one is given."""
    name = username or f"player_{next(numbers)}"
    return User.objects.create_user(name, password=password or None, **fields)


def make_token(user: User, *permissions: str) -> str:
    """A token's secret, as a client would send it."""
    _, secret = ApiToken.objects.issue(user, list(permissions))
    return secret


def make_song(game: str = "sdvx", **fields) -> Song:
    """A song with its names stored, as loading seeds does, so that imports find it."""
    number = next(numbers)
    said = {"song_id": number, "title": f"Song {number}", "artist": "Somebody"}
    song = Song.objects.create(game=game, **said | fields)
    store_names(game, song_identifiers(song), song=song)
    return song


def make_chart(
    game: str = "sdvx",
    playtype: str = "Single",
    level: float = 17,
    song: Song | None = None,
    **fields,
) -> Chart:
    """A primary chart with its names stored, of a song of its own unless one is given.

    `fields` are columns of Chart, and override what follows from the other arguments.
    """
    song = song or make_song(game)
    number = next(numbers)
    said = {
        "chart_id": f"{number:040x}",
        "difficulty": "EXH",
        "level": str(level),
        "level_num": level,
        "is_primary": True,
        "data": {"inGameID": number},
    }
    chart = Chart.objects.create(
        song=song, game=game, playtype=playtype, **said | fields
    )
    store_names(game, chart_identifiers(chart), chart=chart)
    return chart


def store_names(game: str, names: Iterable[tuple[str, str]], **of) -> None:
    """Store what a song or a chart, `song=` or `chart=`, may be called by imports."""
    ChartIdentifier.objects.bulk_create(
        ChartIdentifier(game=game, kind=kind, value=value, **of)
        for kind, value in names
    )


def play(
    chart: Chart | int,
    score: float = 9_000_000,
    time: int | None = None,
    lamp: str = "CLEAR",
    **rest,
) -> dict:
    """A play as a BATCH-MANUAL tells it, of a chart, or of a song by its number.

    Of sdvx unless `rest` says more; `time` is in unix milliseconds.
    """
    by_number = isinstance(chart, int)
    return {
        "matchType": "tachiSongID",
        "identifier": str(chart if by_number else chart.song.song_id),
        "difficulty": "EXH" if by_number else chart.difficulty,
        "score": score,
        "lamp": lamp,
        "timeAchieved": time,
        **rest,
    }


def document(
    *plays: dict,
    game: str = "sdvx",
    playtype: str = "Single",
    service: str = "tests",
    classes: dict[str, str] | None = None,
) -> dict:
    """A BATCH-MANUAL of these plays."""
    meta = {"game": game, "playtype": playtype, "service": service}
    return {"meta": meta, "scores": list(plays), "classes": classes}


def send(
    user: User, document: object, import_type: str = "file/batch-manual", **sent
) -> Import:
    """An import that was accepted and has not run yet."""
    payload = json.dumps(document).encode()
    return accept(Sent(user, import_type, payload, **sent), inline=True)


def make_import(user: User, *plays: dict, user_intent=False, **said) -> Import:
    """An import of these plays that is completed; the scores are `.scores.all()`."""
    sent = send(user, document(*plays, **said), user_intent=user_intent)
    import_ = run_inline(sent)
    assert import_.state == State.COMPLETED, (import_.error_text, import_.error_detail)
    return import_


def make_row(user: User | None = None, **fields) -> Import:
    """The row of a queued import, of which there is no input."""
    return Import.objects.create(
        user=user or make_user(), import_type="file/batch-manual", **fields
    )
