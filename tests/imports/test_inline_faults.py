"""Every statement of a hook's request fails once, and dies once: nothing is lost."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.chart_queue import join
from imports.formats import beatoraja
from imports.formats.base import Input
from imports.models import ChartQueuePlayer, Import, Orphan, State
from imports.pipeline import Sent, run_inline, submit
from scores.models import Chart, ChartIdentifier, Score, Song
from tachi.jobs.models import Job
from tachi.jobs.run import run_to_end
from tests.factories import make_user
from tests.imports.boku_hooks import beatoraja_play, lr2_play, make_bms_chart
from tests.imports.test_faults import (  # noqa: F401
    Fault,
    World,
    each_fault,
    faults,
)

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


def test_a_chart_is_made_entirely_or_not_at_all_and_no_play_is_lost(
    user, monkeypatch, settings
):
    settings.BEATORAJA_QUEUE_SIZE = 2
    submit(hook(make_user(), "ir/beatoraja", beatoraja_play()), here=True)
    sent = hook(user, "ir/beatoraja", beatoraja_play())
    parsed = beatoraja.parse(Input(sent.payload))
    [outcome] = beatoraja.convert(parsed.entries, parsed.context)
    world = World()
    with faults(monkeypatch) as statements:
        assert join(user.pk, [outcome.told])
    for dying in (False, True):
        for failing in statements.all_that_differ(dying):
            Job.objects.all().delete()
            world.begin_anew()
            with faults(monkeypatch, failing, dying), suppress(Fault):
                join(user.pk, [outcome.told])
            submit(sent, here=True)
            for job in Job.objects.all():
                run_to_end(job)
            assert (Score.objects.count(), Orphan.objects.count()) == (2, 0)
            assert (Chart.objects.count(), Song.objects.count()) == (1, 1)
            assert ChartIdentifier.objects.count() == 3
            assert not ChartQueuePlayer.objects.exists()
