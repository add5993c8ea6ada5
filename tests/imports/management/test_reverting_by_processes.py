"""`revert_imports` as a process of its own: Ctrl-C, kills, and workers that die."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest

from imports.models import Import, RevertBatch, State
from scores.derived.integrity import check_user
from tests.commands import ROOT, run
from tests.factories import HOUR, NOON, make_chart, make_import, make_user, play
from tests.imports.queue.clusters import Cluster, reads_proc, wait_until
from tests.imports.scratch import scratch_database

pytestmark = [pytest.mark.slow, reads_proc]
PLAYERS, IMPORTS = 4, 40
ALL = PLAYERS * IMPORTS


@pytest.fixture
def database_url(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path) as url:
        chart = make_chart()
        for _ in range(PLAYERS):
            user = make_user()
            for n in range(IMPORTS):
                make_import(user, play(chart, 9_000_000 + n, NOON + n * HOUR))
        yield url


@pytest.fixture
def cluster(tmp_path, database_url):
    cluster = Cluster(tmp_path, database_url, workers=2, IMPORT_LEASE_SECONDS=10)
    yield cluster
    cluster.end()


@pytest.fixture
def begun(database_url):
    """Begin the command, and wait for some of it to be done."""
    processes = []

    def begin(*args, wait=True):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "revert_imports", *args],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "IMPORT_LEASE_SECONDS": "5",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        if wait:
            assert wait_until(lambda: reverted() >= 5, 60)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def reverted():
    return Import.objects.filter(state=State.REVERTED).count()


def ended(process, seconds=120):
    """The exit code of a process, and what it has printed."""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def everything_is_right():
    users = Import.objects.values_list("user", flat=True).distinct()
    return reverted() == ALL and not any(check_user(pk) for pk in users)


def test_ctrl_c_pauses_it_and_it_says_how_it_goes_on(begun, database_url):
    process = begun("--until", "now", "--no-input", "--json")
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    told = json.loads(out)
    assert (code, told["state"]) == (130, "paused")
    assert f"revert_imports --resume {told['batch']} goes on" in err
    assert 5 <= reverted() == told["reverted"] < ALL
    again = run(database_url, "revert_imports", "--resume", told["batch"], "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["reverted"] == ALL
    assert everything_is_right()


def test_one_that_was_killed_is_resumed(begun, database_url):
    process = begun("--until", "now", "--no-input")
    process.kill()
    process.wait()
    assert reverted() < ALL
    batch = RevertBatch.objects.get()
    again = run(
        database_url,
        "revert_imports",
        "--resume",
        batch,
        "--json",
        IMPORT_LEASE_SECONDS="5",
    )
    assert (again.returncode, json.loads(again.stdout)["state"]) == (0, "done")
    assert everything_is_right()


def test_somebody_else_pauses_it(begun, database_url):
    process = begun("--until", "now", "--no-input", "--json")
    batch = RevertBatch.objects.get()
    pause = run(database_url, "revert_imports", "--pause", batch, "--json")
    assert (pause.returncode, json.loads(pause.stdout)["state"]) == (0, "paused")
    code, out, err = ended(process)
    assert (code, json.loads(out)["state"]) == (1, "paused")
    assert f"--resume {batch}" in err
    assert reverted() < ALL


def test_workers_do_it_whichever_of_them_die(begun, cluster):
    process = begun("--until", "now", "--no-input", "--batch", "--json")
    for _ in range(2):
        so_far = reverted()
        with contextlib.suppress(ValueError, LookupError):  # it is being replaced
            cluster.kill(*cluster.workers)
        assert wait_until(lambda at=so_far: reverted() > at or reverted() == ALL, 60)
    code, out, _ = ended(process)
    told = json.loads(out)
    assert (code, told["state"], told["reverted"]) == (0, "done", ALL)
    assert everything_is_right()


def test_where_no_worker_is_alive_it_says_so_and_may_be_left(begun, database_url):
    process = begun("--until", "now", "--no-input", "--batch", wait=False)
    first = process.stderr.readline()
    while first and "No worker is alive" not in first:
        first = process.stderr.readline()
    assert "No worker is alive, so nothing happens" in first
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    assert (code, reverted()) == (130, 0)
    batch = RevertBatch.objects.get()
    assert f"workers go on with it. revert_imports --pause {batch} stops it" in err
    assert run(database_url, "revert_imports", "--resume", batch).returncode == 0
    assert everything_is_right()


def test_exit_codes(database_url):
    def code(*args, answer=""):
        return run(database_url, "revert_imports", *args, answer=answer).returncode

    assert code("--until", "now") == 1  # nobody answers
    assert code("--confirm", "nonsense") == 2
    assert code("--resume", "nonsense") == 2
    assert code("--user", "nobody") == 2
    assert code("--user-agent", "nothing like it") == 2
    assert code("--until", "2000-01-01") == 2
    assert code("--until", "someday") == 2
    assert reverted() == 0
    assert code("--until", "now", "--no-preview", answer="yes\n") == 0
    assert everything_is_right()
    assert code("--until", "now", "--no-input") == 0
