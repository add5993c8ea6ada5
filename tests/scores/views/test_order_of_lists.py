"""Lists of equals look the same whatever was imported and reverted in between."""

import pytest

from imports.undo.restore import restore_import
from imports.undo.revert import revert_import
from scores.views import scores as score_views
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_often_as_we_like(settings):
    settings.RATE_LIMITS = False


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def charts():
    return [make_chart() for _ in range(4)]


def listed(api, user, path):
    body = api.get(f"/api/v1/users/{user.pk}/games/sdvx/Single/{path}").json()["body"]
    rows = body if isinstance(body, list) else body.get("pbs") or body["scores"]
    return [row.get("sessionID") or row["chartID"] for row in rows]


@pytest.mark.parametrize(
    "path",
    [
        "pbs/best",
        "pbs/all",
        "scores/all",
        "scores/recent",
        "sessions/best",
        "sessions/recent",
    ],
)
def test_equals_keep_their_order_through_reverts_and_restores(api, user, charts, path):
    first, *_ = [
        make_import(user, play(chart, 9_000_000, NOON + n // 2 * 24 * HOUR))
        for n, chart in enumerate(charts)
    ]
    before = listed(api, user, path)
    better = make_import(user, play(charts[0], 9_500_000), play(charts[2], 9_500_000))
    revert_import(better, OPERATOR)
    assert listed(api, user, path) == before
    revert_import(first, OPERATOR)
    restore_import(first, OPERATOR)
    assert listed(api, user, path) == before


def test_scores_on_a_chart_keep_their_order(api, user, charts):
    first, _ = [make_import(user, play(charts[0], score)) for score in (1000, 2000)]
    path = f"scores/{charts[0].chart_id}"
    url = f"/api/v1/users/{user.pk}/games/sdvx/Single/{path}"
    before = api.get(url).json()["body"]
    revert_import(first, OPERATOR)
    restore_import(first, OPERATOR)
    assert api.get(url).json()["body"] == before


def test_a_score_that_goes_while_it_is_looked_at_is_not_found(
    api, user, charts, monkeypatch
):
    import_ = make_import(user, play(charts[0], 9_000_000))
    score_document = score_views.score_document

    def document_meanwhile(score):
        revert_import(import_, OPERATOR)
        return score_document(score)

    monkeypatch.setattr(score_views, "score_document", document_meanwhile)
    answer = api.get(f"/api/v1/scores/{import_.scores.get().score_id}")
    assert answer.status_code == 404
