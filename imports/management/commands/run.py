"""`make run`: web server and worker side by side, to try things out on.

A site runs the two under its own init system, as many of each as it likes.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from imports.demo import make_demo_imports
from scores.models import Song
from tachi.accounts.models import ApiToken, AuthLevel, Permission, User

SAMPLE = "scores/sample"
STOP_SECONDS = 30
TEXT = """
{name} runs at {url}
{account}
Open {url}/imports/ and sign in: there is an import that went well, one with rows to
look at, and one that is reverted. Moderators work at {url}/admin/

Import the sample's scores by the API, and look at what came of it:

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
A new password: .venv/bin/python manage.py changepassword USER
"""


class Command(BaseCommand):
    help = "Run web server and worker; give an empty database a sample and an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: object) -> None:
        require_free(host, port)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        ended = None
        with suppress(KeyboardInterrupt):
            self.prepare_database()
            text = welcome(f"http://{host}:{port}")
            self.say("Starting web server and worker")
            self.stdout.write(text)
            self.stdout.flush()
            ended = run_together(web_and_worker(f"{host}:{port}"))
        if ended:
            raise CommandError(f"{ended[2]} has ended, so everything has.")

    def prepare_database(self) -> None:
        """Make or update the tables; load songs where there are none."""
        database = connection.settings_dict["NAME"]
        self.say(f"Bringing the tables of {database} up to date ({connection.vendor})")
        call_command("migrate", verbosity=0)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not Song.objects.exists():
            self.say("Loading the sample songs")
            call_command("load_seeds", settings.BASE_DIR / SAMPLE, verbosity=0)

    def say(self, step: str) -> None:
        self.stdout.write(f"== {step}")
        self.stdout.flush()


def require_free(host: str, port: int) -> None:
    """Raise CommandError unless the address can be listened on.

    The web server would say so too, after five tries and a traceback.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise CommandError(
            f"The web server cannot have {host}:{port}: {reason}. "
            "Another port: make run PORT=…"
        ) from error


def web_and_worker(address: str) -> list[list[str]]:
    """The web server and the worker."""
    web = ["gunicorn", "-c", "python:tachi.gunicorn", "tachi.wsgi"]
    web.append(f"--bind={address}")
    return [
        [sys.executable, "-m", *web, "--log-level=warning"],
        [sys.executable, "manage.py", "qcluster"],
    ]


def welcome(url: str) -> str:
    """Where to go and what to try; the first time, with an account to do it."""
    account, token = HAD_ACCOUNT, "TOKEN"
    if not User.objects.exists():
        account, token = new_account()
        make_demo_imports(User.objects.get())
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
        started = zip(commands, running, strict=True)
        return next(each for each, process in started if process.poll() is not None)
    except KeyboardInterrupt:
        return None
    finally:
        stop(running)


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)


def stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Tell all to end, wait, and let nothing that they started outlive them."""
    for process in running:
        process.terminate()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
