"""Claims from before scores were composed: they fill, player by player, and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from imports.undo.revert import revert_import
from scores.derived import waiting
from scores.derived.integrity import check_user
from scores.models import PlayerToRerate, Score
from tachi.jobs.models import Job
from tests.factories import (
    HOUR,
    NOON,
    OPERATOR,
    make_chart,
    make_import,
    make_user,
    play,
)
from tests.imports.scratch import scratch_database
from tests.state import state_of

BEFORE = [("imports", "0013_rights"), ("scores", "0004_courses_and_replays")]
COUNTS = {"critical": 900, "near": 3}


@pytest.fixture
def scratch(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path):
        yield


def test_what_old_claims_say_is_filled_after_the_migration(scratch):
    charts = [make_chart() for _ in range(3)]
    user, other = make_user(), make_user()
    make_import(user, *map(play, charts), service="list of bests")
    more = {"comment": "with a time", "judgements": COUNTS, "optional": {"fast": 3}}
    detailed = make_import(
        user,
        play(charts[0], time=NOON, **more),
        play(charts[1], comment="no time", optional={"gauge": 70}),
        service="detailed",
    )
    make_import(user, play(charts[1], time=NOON + HOUR), service="times")
    make_import(other, play(charts[0], time=NOON), service="one")
    make_import(other, play(charts[0], time=NOON + HOUR, **more), service="another")
    before = [state_of(each) for each in (user, other)]

    old = go_back()
    told = old.get_model("scores", "Score").objects.filter(user=user.pk)
    assert set(told.values_list("time_achieved", "comment")) == {(None, None)}
    claims = old.get_model("imports", "Import").objects.get(service="detailed")
    said = claims.later_claims[str(told.get(chart=charts[0].pk).pk)]
    assert said["score_data"]["judgements"] == COUNTS
    assert said["score_data"]["score"] == 9_000_000

    PlayerToRerate.objects.all().delete()  # the way back has them wait as well
    Job.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert set(PlayerToRerate.objects.values_list("user", flat=True)) == {user.pk}
    assert [check_user(each.pk) for each in (user, other)] == [[], []]
    assert Job.objects.get().kind == "rerate"
    waiting.run_here(lambda job: None)
    assert [state_of(each) for each in (user, other)] == before
    assert check_user(user.pk) == []

    detailed.refresh_from_db()
    revert_import(detailed, OPERATOR)
    assert Score.objects.get(user=user, chart=charts[0]).own is None


def go_back():
    """The models of before; their rows are as that time would have written them."""
    for migration in BEFORE:
        call_command("migrate", *migration, verbosity=0)
    return MigrationLoader(connection).project_state(BEFORE).apps
