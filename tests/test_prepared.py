import pytest
from django.db import connection

from scores.models import Chart, Score
from scores.models.fields import hashed
from tachi.prepared import MOST_VALUES, Prepared
from tests.factories import make_chart, make_import, make_user, play

pytestmark = pytest.mark.django_db


def charts_of(difficulty, pks):
    found = Chart.objects.filter(difficulty=difficulty, pk__in=pks)
    return found.order_by("pk").values_list("pk", "data", "changed_at", "is_primary")


def scores_of(hashes):
    found = Score.objects.filter(score_id__in=hashes)
    return found.order_by("pk").values_list("score_id", "score_data")


def test_the_rows_are_those_of_the_queryset_for_any_number_of_values():
    charts = [make_chart() for _ in range(MOST_VALUES + 2)]
    prepared = Prepared(charts_of)
    for count in (*range(1, len(charts) + 1), 1, 2):
        pks = [chart.pk for chart in charts[:count]]
        rows = [tuple(row) for row in prepared("EXH", pks)]
        assert rows == list(charts_of("EXH", pks))
        assert len(rows) == count
    assert list(prepared("NOV", [charts[0].pk])) == []


def test_hashes_are_found_by_their_bytes():
    scores = [play(make_chart()) for _ in range(MOST_VALUES + 2)]
    ids = [each.score_id for each in make_import(make_user(), *scores).scores.all()]
    prepared = Prepared(scores_of)
    for some in (ids[:1], ids[:3], ids):
        rows = prepared(hashed(some))
        assert sorted(score_id for score_id, _ in rows) == sorted(some)


def test_no_value_is_part_of_the_sql():
    """Whatever it is: it was sent by somebody."""
    hostile = "'; DROP TABLE scores_chart; -- %s {0}"
    chart = make_chart(difficulty=hostile)
    prepared = Prepared(charts_of)
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    assert list(prepared("EXH", [chart.pk])) == []
    with connection.execute_wrapper(note):
        assert len(list(prepared(hostile, [chart.pk]))) == 1
    assert "DROP" not in statements[0]
