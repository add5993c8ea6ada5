"""Every statement of a hook's request fails once, and dies once: nothing is lost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import ChartQueuePlayer, Import, Orphan, State
from imports.pipeline import Sent, run_inline, submit
from scores.models import Chart, ChartIdentifier, Score, Song
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end
from tests.factories import NOON, make_user
from tests.imports.boku_hooks import beatoraja_play, lr2_play, make_bms_chart
from tests.imports.test_faults import each_fault  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def hook(user, import_type, body):
    return Sent(user, import_type, json.dumps(body).encode())


def again(sent):
    """What a worker does for what is stored, or else the hook, which sends again."""
    past = timezone.now() - timedelta(minutes=1)
    Import.objects.filter(state=State.RUNNING).update(lease_until=past)
    ours = Import.objects.filter(user=sent.user, import_type=sent.import_type)
    for import_ in ours.unfinished():
        assert run_inline(import_).state == State.COMPLETED
    if not ours.filter(state=State.COMPLETED).exists():
        submit(sent, here=True)


def test_a_play_is_imported_in_the_request_or_kept_or_not_there(
    each_fault,  # noqa: F811
    user,
):
    make_bms_chart()
    sent = hook(user, "ir/lr2hook", lr2_play())
    each_fault(lambda: submit(sent, here=True), lambda: again(sent))


def test_a_chart_is_made_by_its_last_player_and_no_play_is_lost(
    each_fault,  # noqa: F811
    user,
    monkeypatch,
    settings,
):
    settings.BEATORAJA_QUEUE_SIZE = 2
    monkeypatch.setattr("imports.read.received_at", lambda import_: NOON)
    submit(hook(make_user(), "ir/beatoraja", beatoraja_play()), here=True)
    assert ChartQueuePlayer.objects.count() == 1
    sent = hook(user, "ir/beatoraja", beatoraja_play())

    def retry():
        again(sent)
        for job in Job.objects.all():
            run_to_end(job)
        assert (Score.objects.count(), Orphan.objects.count()) == (2, 0)
        assert (Chart.objects.count(), Song.objects.count()) == (1, 1)
        kinds = ChartIdentifier.objects.order_by("kind").values_list("kind", flat=True)
        assert list(kinds) == ["hashMD5", "hashSHA256", "title"]
        assert not ChartQueuePlayer.objects.exists()
        Job.objects.all().delete()

    each_fault(lambda: submit(sent, here=True), retry)
