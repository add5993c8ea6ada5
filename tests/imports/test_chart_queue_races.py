"""Players of a chart that nobody knows, all at the same moment."""

import json

import pytest

from imports.models import ChartQueuePlayer, Import, Orphan, State
from imports.pipeline import Sent, submit
from scores.derived.integrity import check_user
from scores.models import Chart, Score
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end
from tests.factories import make_user
from tests.imports.boku_hooks import beatoraja_play
from tests.imports.test_concurrency import at_once

ROUNDS = 5
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.postgresql,  # SQLite has one writer at a time
]


def test_players_who_come_together_make_one_chart_and_lose_no_play():
    for n in range(ROUNDS):
        sha256 = f"{n:064x}"
        body = beatoraja_play({"sha256": sha256}, {"sha256": sha256})
        players = [make_user() for _ in range(4)]
        sent = [
            Sent(each, "ir/beatoraja", json.dumps(body).encode()) for each in players
        ]

        at_once(*(lambda each=each: submit(each, here=True) for each in sent))

        for import_ in Import.objects.filter(user__in=players):
            assert import_.state == State.COMPLETED
        for job in Job.objects.unfinished():
            run_to_end(job)
        assert Chart.objects.filter(data__hashSHA256=sha256).count() == 1
        assert Score.objects.filter(user__in=players).count() == 4
        assert not Orphan.objects.exists()
        assert not ChartQueuePlayer.objects.exists()
        assert not any(check_user(each.pk) for each in players)
