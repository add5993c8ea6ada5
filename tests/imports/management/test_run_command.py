import io
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from imports.management.commands.run import Command, run_together, welcome
from imports.models import Import
from scores.models import Score, Song
from tachi.accounts.models import ApiToken, User
from tests.factories import make_user

URL = "http://127.0.0.1:8000"
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
QUITTER = [sys.executable, "-c", ""]


@pytest.mark.django_db
class TestWelcome:
    def test_an_empty_database_gets_the_sample_and_an_administrator(self):
        Command(stdout=io.StringIO()).prepare_database()
        text = welcome(URL)
        user = User.objects.get()
        password = text.split("Password: ")[1].split()[0]
        assert (user.is_staff, user.is_admin) == (True, True)
        assert user.check_password(password)
        assert Song.objects.filter(game="sdvx").exists()

    def test_there_is_something_to_look_at(self, client):
        Command(stdout=io.StringIO()).prepare_database()
        assert "/imports/ and sign in" in welcome(URL)
        client.force_login(User.objects.get())
        imports = Import.objects.order_by("pk")
        good, mixed, faulty = imports
        assert [each.state for each in imports] == [
            "completed",
            "completed",
            "reverted",
        ]
        assert (good.counts["imported"], good.counts["total"]) == (12, 12)
        assert mixed.counts["imported"] == 9
        assert (mixed.counts["rejected"], mixed.counts["orphaned"]) == (2, 3)
        assert client.get(f"/imports/{mixed.import_id}/").status_code == 200
        assert not Score.objects.filter(source_import=faulty).exists()
        assert call_command("check_integrity") is None

    def test_the_token_that_is_shown_works(self, api):
        token = welcome(URL).split("Token: ")[1].split()[0]
        body = api.get("/api/v1/status", token=token).json()["body"]
        assert "submit_score" in body["permissions"]

    def test_a_database_in_use_gets_nobody_new(self):
        make_user("somebody")
        text = welcome(URL)
        assert User.objects.count() == 1
        assert not ApiToken.objects.exists()
        assert "create_token" in text

    def test_each_step_is_told_before_it_begins(self):
        stdout = io.StringIO()
        Command(stdout=stdout).prepare_database()
        first, second = stdout.getvalue().splitlines()
        assert first.startswith("== Bringing the tables of ")
        assert second == "== Loading the sample songs"


class TestWhatCannotStart:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_a_port_that_is_taken_is_told_with_what_to_do(self, host):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            with pytest.raises(
                CommandError, match=r"in use\. Another port: make run PORT="
            ):
                call_command("run", host=host, port=port)

    @pytest.mark.parametrize(
        ("host", "port"), [("127.0.0.1", 65536), ("no such host", 8000)]
    )
    def test_what_is_no_address_is_told(self, host, port):
        with pytest.raises(CommandError, match=f"The web server cannot have {host}:"):
            call_command("run", host=host, port=port)

    def test_a_database_that_does_not_answer_is_told_without_a_traceback(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = str(closed.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "manage.py", "run", "--port", port],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": f"postgres://127.0.0.1:{port}/none"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"The database none on 127.0.0.1:{port} (Post")
        assert ended.stderr.count("\n") == 1


class TestRunningTogether:
    def test_when_one_ends_the_other_is_ended_too(self):
        assert run_together([SLEEPER, QUITTER]) == QUITTER
