"""`make run`: web server and worker side by side, to try things out on.

A site runs the two under its own init system, as many of each as it likes.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from scores.models import Song
from tachi.accounts.models import ApiToken, AuthLevel, Permission, User

SAMPLE = "scores/sample"
STOP_SECONDS = 30
TEXT = """
{name} runs at {url}
The admin is at {url}/admin/
{account}
Import the sample's scores, and look at what came of it:

  curl -H "Authorization: Bearer {token}" \\
    -F importType=file/batch-manual \\
    -F scoreData=@{sample}/batch-manual-sdvx.json {url}/api/v1/import/file
  curl {url}/api/v1/imports

Ctrl-C ends it.
"""
NEW_ACCOUNT = """
User:     {username}
Password: {password}
Token:    {token}
(shown this once)
"""
HAD_ACCOUNT = """
A new token for a user: .venv/bin/python manage.py create_token USER \\
  --permission submit_score --permission delete_score
"""


class Command(BaseCommand):
    help = "Run web server and worker; give an empty database a sample and an account."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host, port, **options):
        call_command("migrate", verbosity=0)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        self.stdout.write(welcome(f"http://{host}:{port}"))
        self.stdout.flush()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        web = ["gunicorn", "-c", "python:tachi.gunicorn", "tachi.wsgi"]
        web.append(f"--bind={host}:{port}")
        ended = run_together(
            [
                [sys.executable, "-m", *web, "--log-level=warning"],
                [sys.executable, "manage.py", "qcluster"],
            ]
        )
        if ended:
            self.stderr.write(f"{ended[2]} has ended, so everything has.")
            sys.exit(1)


def welcome(url: str) -> str:
    """Where to go and what to try; the first time, with an account to do it."""
    if not Song.objects.exists():
        call_command("load_seeds", settings.BASE_DIR / SAMPLE, verbosity=0)
    account, token = HAD_ACCOUNT, "TOKEN"
    if not User.objects.exists():
        account, token = new_account()
    return TEXT.format(
        name=settings.SERVER_NAME, url=url, account=account, token=token, sample=SAMPLE
    )


def new_account() -> tuple[str, str]:
    """An administrator with a token for everything: what to print, and the token."""
    password = secrets.token_urlsafe(9)
    user = User.objects.create_superuser(
        "demo", password=password, auth_level=AuthLevel.ADMIN
    )
    _, token = ApiToken.objects.issue(user, Permission.values, "make run")
    text = NEW_ACCOUNT.format(username=user.username, password=password, token=token)
    return text, token


def run_together(commands: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """Run commands until one ends, which is returned, or until interrupted: None.

    Each has a session of its own, so that Ctrl-C stops it once, and by us.
    """
    running = []
    try:
        for command in commands:
            running.append(start(command))
        while all(process.poll() is None for process in running):
            time.sleep(0.2)
        return next(each.args for each in running if each.poll() is not None)
    except KeyboardInterrupt:
        return None
    finally:
        stop(running)


def start(command: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)


def stop(running: Sequence[subprocess.Popen]) -> None:
    """Tell all to end, wait, and let nothing that they started outlive them."""
    for process in running:
        process.terminate()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
