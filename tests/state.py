"""A small world to play in: charts made by hand, imports made by importing."""

import json
from itertools import count

from imports.models import Import, Orphan, State
from imports.pipeline import Sent, accept, run_inline
from imports.revert import Order
from scores.identifiers import chart_identifiers, song_identifiers
from scores.models import (
    Chart,
    ChartIdentifier,
    ClassClaim,
    GameStats,
    PersonalBest,
    Score,
    Session,
    Song,
)
from scores.session_edits import with_edits

OPERATOR = Order(by=None, origin="command", reason="a test")
HOUR = 60 * 60 * 1000
NOON = 1_700_000_000_000

song_numbers = count(1)


def make_chart(game="sdvx", playtype="Single", difficulty="EXH", level=17, **data):
    """A primary chart of a song of its own."""
    number = next(song_numbers)
    song = Song.objects.create(
        game=game, song_id=number, title=f"Song {number}", artist="Artist"
    )
    chart = Chart.objects.create(
        song=song,
        game=game,
        playtype=playtype,
        chart_id=f"{number:040x}",
        difficulty=difficulty,
        level=str(level),
        level_num=level,
        is_primary=True,
        data={"inGameID": number, **data},
    )
    name_chart(chart)
    return chart


def name_chart(chart):
    """What loading seeds does, so that imports find the chart."""
    song = chart.song
    names = [
        *(
            ChartIdentifier(game=song.game, kind=kind, value=value, song=song)
            for kind, value in song_identifiers(song)
        ),
        *(
            ChartIdentifier(game=song.game, kind=kind, value=value, chart=chart)
            for kind, value in chart_identifiers(chart)
        ),
    ]
    ChartIdentifier.objects.bulk_create(names)


def play(chart, score=9_000_000, time=None, lamp="CLEAR", **rest):
    """One score of a BATCH-MANUAL document; a chart may be named by song number."""
    song = chart if isinstance(chart, int) else chart.song.song_id
    difficulty = "EXH" if isinstance(chart, int) else chart.difficulty
    return {
        "score": score,
        "lamp": lamp,
        "matchType": "tachiSongID",
        "identifier": str(song),
        "difficulty": difficulty,
        "timeAchieved": time,
        **rest,
    }


def document(*scores, game="sdvx", playtype="Single", service="tests", classes=None):
    """A BATCH-MANUAL document."""
    meta = {"game": game, "playtype": playtype, "service": service}
    return {"meta": meta, "scores": list(scores), "classes": classes}


def send(user, document, import_type="file/batch-manual", **rest):
    """An accepted import, not run yet."""
    payload = json.dumps(document).encode()
    return accept(Sent(user, import_type, payload, **rest), inline=True)


def make_import(user, *scores, **meta) -> Import:
    """An import that went through the pipeline, and is completed."""
    import_ = run_inline(send(user, document(*scores, **meta)))
    assert import_.state == State.COMPLETED, (import_.error_text, import_.error_detail)
    return import_


def state_of(user) -> dict:
    """All that imports, reverts and their like may change for a user.

    Without primary keys, and without the times at which things were processed.
    Imports are named by their service.
    """
    return {
        "scores": sorted(map(_score, _scores(user))),
        "resent": sorted(_resent(user)),
        "sessions": sorted(map(_session, _sessions(user))),
        "bests": sorted(
            repr(row)
            for row in PersonalBest.objects.filter(user=user).values_list(
                "chart__chart_id",
                "is_primary",
                "score_data",
                "composed_from",
                "time_achieved",
                "highlight",
                "rating_1",
                "rating_2",
                "rating_3",
                "rank_1",
                "time_key",
            )
        ),
        "stats": sorted(
            repr(row)
            for row in GameStats.objects.filter(user=user).values_list(
                "gpt", "ratings", "classes"
            )
        ),
        "orphans": sorted(
            Orphan.objects.filter(user=user).values_list(
                "source_import__service", "orphan_id"
            )
        ),
        "claims": sorted(
            ClassClaim.objects.filter(user=user, withdrawn_at=None).values_list(
                "source_import__service", "class_set", "value"
            )
        ),
    }


def _scores(user):
    scores = Score.objects.filter(user=user)
    return scores.select_related("chart", "source_import", "session")


def _score(score):
    return repr(
        (
            score.score_id,
            score.chart.chart_id,
            score.source_import.service,
            score.position,
            score.service,
            score.time_achieved,
            score.comment,
            score.score_data,
            score.score_meta,
            score.ratings,
            score.session and score.session.session_id,
        )
    )


def _resent(user):
    ids = dict(Score.objects.filter(user=user).values_list("pk", "score_id"))
    for import_ in Import.objects.completed().filter(user=user):
        for pk, said in import_.resent.items():
            if int(pk) in ids:
                yield import_.service, ids[int(pk)], repr(_plain(said))


def _plain(said):
    if isinstance(said, int):
        return {"position": said}
    return {name: said[name] for name in sorted(said) if name != "time_added"}


def _sessions(user):
    return with_edits(list(Session.objects.filter(user=user)))


def _session(session):
    return repr(
        (
            session.session_id,
            session.gpt,
            session.anchor,
            session.time_started,
            session.time_ended,
            session.ratings,
            session.name,
            session.description,
            session.highlight,
        )
    )
