"""Tens of thousands of rows, copied in the database from one that the product made."""

from datetime import timedelta

from django.db import connection, models
from django.utils import timezone

from imports.models import Import, State
from scores.models import Chart, Score, Session, SessionEdit
from tachi.accounts.models import User
from tests.factories import HOUR, NOON, make_import, play

DAY = 24 * HOUR
COPIED_ANEW = (
    "score_id",
    "source_import_id",
    "position",
    "time_achieved",
    "session_id",
)
NOT_COPIED = {"id", *COPIED_ANEW}


def copy_score(
    template: Score, numbers: range, first_import: int, each: int = 10**9
) -> None:
    """Scores like one: for each number, one that was played so many minutes later.

    The first `each` are of the import with the primary key `first_import`, and the next
    of the next.
    """
    others = ", ".join(
        field.column
        for field in Score._meta.concrete_fields
        if field.column not in NOT_COPIED
    )
    series, hash_ = {
        "postgresql": (
            "generate_series(%s, %s) AS series(n)",
            "sha256(convert_to(n || ' of ' || id, 'UTF8'))",
        ),
        "sqlite": (
            "(WITH RECURSIVE series(n) AS (SELECT %s UNION ALL SELECT n + 1"
            " FROM series WHERE n < %s) SELECT n FROM series)",
            "randomblob(32)",
        ),
    }[connection.vendor]
    sql = (
        f"INSERT INTO scores_score ({', '.join(COPIED_ANEW)}, {others})"
        f" SELECT {hash_}, %s + n / %s, n %% %s + 1,"
        f" time_achieved + CAST(n AS bigint) * 60000, NULL, {others}"
        f" FROM {series}, scores_score WHERE id = %s"
    )
    bounds = [numbers.start, numbers.stop - 1]
    with connection.cursor() as cursor:
        cursor.execute(sql, [first_import, each, each, *bounds, template.pk])


def one_score_of(user: User, chart: Chart) -> Score:
    """A score that the product made, to copy."""
    return make_import(user, play(chart, 9_000_000, NOON)).scores.get()


def make_imports(user: User, count: int, state: str = State.COMPLETED) -> list[Import]:
    """Imports without scores that ended a minute after one another, in order."""
    first = user.import_set.count() + 1
    now = timezone.now() - timedelta(days=30)
    return Import.objects.bulk_create(
        [
            Import(
                user=user,
                import_type="file/batch-manual",
                game="sdvx",
                state=state,
                sequence=n if state == State.COMPLETED else None,
                started_at=now + timedelta(minutes=n),
                finished_at=now + timedelta(minutes=n),
                error_text="It was refused." if state == State.FAILED else "",
                error_status=400 if state == State.FAILED else None,
            )
            for n in range(first, first + count)
        ],
        batch_size=1000,
    )


def make_sessions(user: User, count: int, first: int = 0) -> None:
    """Sessions of nobody's scores, a day apart, from day `first` on."""
    Session.objects.bulk_create(
        [
            Session(
                session_id=f"Q{number_of(user, n):040x}",
                user=user,
                gpt="sdvx:Single",
                anchor=f"T{number_of(user, n):064x}",
                time_started=NOON + n * DAY,
                time_ended=NOON + n * DAY + HOUR,
                time_inserted=NOON,
                ratings={},
            )
            for n in range(first, first + count)
        ],
        batch_size=1000,
    )


def make_session_edits(user: User, count: int, days: int) -> None:
    """Edits whose anchors are gone, over so many days, within reach of sessions."""
    SessionEdit.objects.bulk_create(
        SessionEdit(
            user=user,
            gpt="sdvx:Single",
            anchor=f"T{10**30 + n:064x}",
            anchor_time=NOON + (n * days // count) * DAY + 2 * HOUR,
            name=f"My session {n}",
        )
        for n in range(count)
    )


def number_of(user: User, n: int) -> int:
    return user.pk * 10**9 + n + 1


def know(*tables: type[models.Model]) -> None:
    """Let the database plan for what is there, as it does by itself after a while."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"ANALYZE {model._meta.db_table}")
