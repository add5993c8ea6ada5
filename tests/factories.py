"""Things to test with: each function makes one, with defaults for what is not said."""

import json
from itertools import count

from imports.models import Import
from imports.pipeline import Sent, accept, run_inline
from scores.identifiers import chart_identifiers, song_identifiers
from scores.models import Chart, ChartIdentifier, Song
from tachi.accounts.models import ApiToken, User

numbers = count(1)


def make_user(username: str = "", password: str = "", **fields) -> User:
    """A user; without a password unless one is given."""
    name = username or f"player_{next(numbers)}"
    return User.objects.create_user(name, password=password or None, **fields)


def make_token(user: User, *permissions: str) -> str:
    """A token's secret, as a client would send it."""
    _, secret = ApiToken.objects.issue(user, list(permissions))
    return secret


def make_chart(game: str = "sdvx", playtype: str = "Single", **fields) -> Chart:
    """A chart of a song of its own, with its names stored."""
    song_id = next(numbers)
    song = Song.objects.create(
        game=game, song_id=song_id, title=f"Song {song_id}", artist="Somebody"
    )
    defaults = {"difficulty": "MXM", "level": "17", "level_num": 17, "is_primary": True}
    chart = Chart.objects.create(
        song=song,
        game=game,
        playtype=playtype,
        chart_id=f"{song_id:040x}",
        **{**defaults, **fields},
    )
    ChartIdentifier.objects.bulk_create(
        [
            *(
                ChartIdentifier(game=game, kind=kind, value=value, song=song)
                for kind, value in song_identifiers(song)
            ),
            *(
                ChartIdentifier(game=game, kind=kind, value=value, chart=chart)
                for kind, value in chart_identifiers(chart)
            ),
        ]
    )
    return chart


def play(chart: Chart, score: int = 9_000_000, lamp: str = "CLEAR", **rest) -> dict:
    """A play of the chart as a BATCH-MANUAL tells it; sdvx unless `rest` says more."""
    return {
        "matchType": "tachiSongID",
        "identifier": str(chart.song.song_id),
        "difficulty": chart.difficulty,
        "score": score,
        "lamp": lamp,
        **rest,
    }


def batch_manual(*plays: dict, game="sdvx", playtype="Single", **rest) -> dict:
    """A BATCH-MANUAL of these plays."""
    meta = {"game": game, "playtype": playtype, "service": "Tests"}
    return {"meta": meta, "scores": list(plays), **rest}


def make_import(user: User, *plays: dict, classes=None, **sent) -> Import:
    """An import of these plays, run to its end; the scores are `.scores.all()`."""
    payload = json.dumps(batch_manual(*plays, classes=classes)).encode()
    import_ = accept(Sent(user, "file/batch-manual", payload, **sent), inline=True)
    return run_inline(import_)
