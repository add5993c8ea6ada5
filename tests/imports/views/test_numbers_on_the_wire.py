import re
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.pipeline import run_inline
from tests.factories import NOON, document, make_chart, make_import, play, send

pytestmark = pytest.mark.django_db

WITH_A_POINT = re.compile(rb"[:\[,] ?-?[0-9]+\.0[,\]}]")


def test_whole_numbers_go_out_as_integers_however_they_came(api, user):
    chart = make_chart("popn", "9B", difficulty="EX")
    sent = play(
        chart,
        90_000.0,
        float(NOON),
        clearMedal="easyClear",
        judgements={"cool": 5.0},
        optional={"gauge": 50.0},
        scoreMeta={"hiSpeed": 5.0, "hidden": 2.5},
    )
    del sent["lamp"]
    import_ = run_inline(send(user, document(sent, game="popn", playtype="9B")))
    (score,) = import_.scores.all()

    for path in (
        f"/api/v1/imports/{import_.import_id}",
        f"/api/v1/scores/{score.score_id}?getRelated",
        f"/api/v1/users/{user.pk}/games/popn/9B",
        f"/api/v1/users/{user.pk}/games/popn/9B/pbs/all",
        f"/api/v1/users/{user.pk}/games/popn/9B/sessions/recent",
    ):
        answer = api.get(path)
        assert answer.status_code == 200
        assert WITH_A_POINT.search(answer.content) is None

    told = api.get(f"/api/v1/scores/{score.score_id}").json()["body"]["score"]
    assert told["scoreMeta"] == {"hiSpeed": 5, "hidden": 2.5}


def test_a_score_was_added_when_its_import_finished(api, user, monkeypatch):
    moment = timezone.now().replace(microsecond=1) + timedelta(microseconds=998)
    monkeypatch.setattr(timezone, "now", lambda: moment)

    import_ = make_import(user, play(make_chart()))

    body = api.get(f"/api/v1/imports/{import_.import_id}").json()["body"]
    assert body["scores"][0]["timeAdded"] == body["import"]["timeFinished"]
