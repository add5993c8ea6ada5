import os
import subprocess
import sys

import pytest
from django.conf import settings as real_settings
from django.core.checks import run_checks


@pytest.fixture(autouse=True)
def on_a_developers_machine(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]


def found():
    return [message for message in run_checks() if message.id.startswith("tachi.")]


def test_a_fresh_checkout_has_nothing_to_complain_about():
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "id"),
    [
        (
            {
                "DEBUG": False,
                "SECRET_KEY": real_settings.INSECURE_SECRET_KEY,
                "ALLOWED_HOSTS": ["tachi.example"],
            },
            "tachi.E001",
        ),
        (
            {"Q_CLUSTER": {**real_settings.Q_CLUSTER, "timeout": 60, "retry": 60}},
            "tachi.E002",
        ),
        ({"SERVER_TYPE": "gamma"}, "tachi.E003"),
        ({"DEBUG": False, "SECRET_KEY": "x", "ALLOWED_HOSTS": []}, "tachi.E004"),
        ({"SESSION_COOKIE_NAME": "Tächi_SESSION"}, "tachi.E005"),
        ({"RATE_LIMIT": 0}, "tachi.E006"),
        ({"NUM_PROXIES": -1}, "tachi.E006"),
        ({"IMPORT_LEASE_SECONDS": 0}, "tachi.E006"),
        ({"OUR_URL": "localhost:8000"}, "tachi.E007"),
    ],
)
def test_what_an_operator_gets_wrong_is_said_with_a_way_out(settings, changes, id):
    for name, value in changes.items():
        setattr(settings, name, value)

    (message,) = found()

    assert message.id == id
    assert message.hint


def test_what_is_right_in_production_is_not_complained_about(settings):
    settings.DEBUG, settings.SECRET_KEY = False, "long and random"
    settings.ALLOWED_HOSTS, settings.OUR_URL = (
        ["tachi.example"],
        "https://tachi.example",
    )

    assert found() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("DATABASE_URL", "mysql://me:hunter2@db/tachi", "sqlite:// or postgres://"),
        ("DATABASE_URL", "nonsense", "sqlite:// or postgres://"),
        ("DEBUG", "maybe", "DEBUG has to be on or off"),
        ("RATE_LIMIT", "many", "RATE_LIMIT has to be a number"),
        ("CACHE_URL", "redis://:hunter2@cache:port/0", "no address of a Redis"),
        ("DEBUG", "off", "SECRET_KEY is missing, and DEBUG is off"),
    ],
)
def test_a_malformed_setting_fails_at_once_and_without_a_traceback(name, value, text):
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=real_settings.BASE_DIR,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode != 0
    assert text in run.stderr
    assert "Traceback" not in run.stderr
    assert "hunter2" not in run.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry",
    [
        "manage.py qcluster",
        "manage.py run",
        "-m gunicorn -c python:tachi.gunicorn tachi.wsgi",
        "-m tachi.wsgi",
    ],
)
def test_no_entry_starts_a_site_without_a_secret_key(entry):
    environment = {**os.environ, "DEBUG": "off"}
    environment.pop("SECRET_KEY", None)
    run = subprocess.run(
        [sys.executable, *entry.split()],
        cwd=real_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert run.returncode != 0
    *before, last = run.stderr.strip().splitlines()
    assert "SECRET_KEY is missing, and DEBUG is off" in last
    # Other servers import tachi.wsgi, and show what it raises in their own way.
    assert before == [] or "wsgi" in entry.split()[1]
