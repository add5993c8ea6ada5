import sys

import pytest

from imports.management.commands.run import run_together, welcome
from scores.models import Song
from tachi.accounts.models import ApiToken, User
from tests.factories import make_user

URL = "http://127.0.0.1:8000"
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
QUITTER = [sys.executable, "-c", ""]


@pytest.mark.django_db
class TestWelcome:
    def test_an_empty_database_gets_the_sample_and_an_administrator(self):
        text = welcome(URL)
        user = User.objects.get()
        password = text.split("Password: ")[1].split()[0]
        assert (user.is_staff, user.is_admin) == (True, True)
        assert user.check_password(password)
        assert Song.objects.filter(game="sdvx").exists()

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


class TestRunningTogether:
    def test_when_one_ends_the_other_is_ended_too(self):
        assert run_together([SLEEPER, QUITTER]) == QUITTER
