"""All that imports may change for a player, to compare with what it was.

JSON as the text that the database holds, but for spaces, which say nothing: 50 is not
50.0, though Python thinks so.
"""

import json

from django.db import connection

from imports.models import Import, Orphan
from scores.documents.session_edits import shown_on
from scores.json_columns import json_text
from scores.models import ClassClaim, GameStats, PersonalBest, Score, Session


def state_of(user) -> dict:
    """All that imports, reverts and their like may change for a user.

    Without primary keys, and without the times at which things were processed.
    Imports are named by their service.
    """
    imports = Import.objects.filter(user=user)
    services = dict(imports.values_list("sequence", "service"))
    return {
        "scores": sorted(_score(score, services) for score in _scores(user)),
        "later_claims": sorted(_resent(user)),
        "sessions": sorted(_sessions(user)),
        "bests": sorted(
            repr([*row[:2], *map(_exactly, row[2:4]), *row[4:]])
            for row in PersonalBest.objects.filter(user=user).values_list(
                "chart__chart_id",
                "is_primary",
                json_text("score_data"),
                json_text("composed_from"),
                "time_achieved",
                "highlight",
                "rating_1",
                "rating_2",
                "rating_3",
                "rank_1",
                "rank_2",
                "rank_3",
                "time_key",
            )
        ),
        "played": sorted(set(_scores(user).values_list("gpt", flat=True))),
        "stats": list(_stats(user)),
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


def _exactly(text):
    return json.dumps(json.loads(text))


def _stats(user):
    texts = json_text("ratings"), json_text("classes")
    rows = GameStats.objects.filter(user=user).order_by("gpt")
    for gpt, ratings, classes in rows.values_list("gpt", *texts):
        yield gpt, _exactly(ratings), json.loads(classes)


def _scores(user):
    scores = Score.objects.filter(user=user)
    scores = scores.annotate(
        data=json_text("score_data"),
        meta=json_text("score_meta"),
        apart=json_text("own"),
    )
    return scores.select_related("chart", "source_import", "session")


def _score(score, services):
    return repr(
        (
            score.score_id,
            score.chart.chart_id,
            score.source_import.service,
            score.position,
            score.service,
            score.time_achieved,
            score.comment,
            _exactly(score.data),
            _exactly(score.meta),
            score.apart and _exactly(score.apart),
            score.timed_by and services[score.timed_by],
            score.ratings,
            score.session and score.session.session_id,
        )
    )


def _resent(user):
    ids = dict(Score.objects.filter(user=user).values_list("pk", "score_id"))
    for import_ in Import.objects.completed().filter(user=user):
        for pk, said in import_.later_claims.items():
            if int(pk) in ids:
                yield import_.service, ids[int(pk)], repr(_plain(said))


def _plain(said):
    if isinstance(said, int):
        return {"position": said}
    return {name: said[name] for name in sorted(said) if name != "time_added"}


def _sessions(user):
    sessions = Session.objects.filter(user=user).annotate(rated=json_text("ratings"))
    sessions = list(sessions)
    shown = shown_on(sessions)
    return [_session(session, shown[session.pk]) for session in sessions]


def _session(session, shown):
    return repr(
        (
            session.session_id,
            session.gpt,
            session.anchor,
            session.time_started,
            session.time_ended,
            _exactly(session.rated),
            shown.name,
            shown.description,
            shown.highlight,
        )
    )


def all_rows():
    """Every row of every table, as text: nothing at all may be another."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(map(_as_text, cursor))
    return found


def _as_text(row):
    return repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
