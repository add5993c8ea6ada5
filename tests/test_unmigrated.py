"""A database without tables, or none at all: what commands and the web say."""

from html import unescape
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.core.management import get_commands
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.test import Client

from scores.models import Score
from tachi import commands, database
from tachi.api.envelope import refusal
from tests.factories import make_user
from tests.imports.scratch import scratch_database

OURS = ("imports", "scores", "tachi.accounts", "tachi.jobs", "tachi")
#: `run` makes the tables itself.
NAMES = sorted(
    name for name, app in get_commands().items() if app in OURS and name != "run"
)
ARGUMENTS = {
    "create_token": ["somebody"],
    "delete_user": ["somebody", "--no-input"],
    "export_user": ["somebody"],
    "import_scores": ["README.md", "--user", "x", "--import-type", "file/batch-manual"],
    "load_seeds": ["scores/sample"],
    "cancel_imports": ["--user", "somebody"],
    "revert_imports": ["--user", "somebody"],
    "retry_imports": ["--user", "somebody"],
    "restore_imports": ["0" * 40],
}


@pytest.fixture(autouse=True)
def secret_key(settings):
    settings.SECRET_KEY = "long and random, " * 4  # or no command would start
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def without_tables(tmp_path, django_db_blocker):
    with django_db_blocker.unblock(), scratch_database(tmp_path, ()):
        yield


def ended(capsys, *arguments):
    """The exit code of a command, and what it said to people."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_:
        commands.main(["manage.py", *arguments])
    return exit_.value.code, capsys.readouterr().err


def test_every_command_says_which_database_has_no_tables(without_tables, capsys):
    assert "export_user" in NAMES
    for name in NAMES:
        code, told = ended(capsys, name, *ARGUMENTS.get(name, []))
        assert code == 2, (name, told)
        assert told == (
            f"The database {database.described()} does not have its tables, or not as "
            "they are now. Run: manage.py migrate\n"
        ), name


def test_pages_and_the_api_are_503_and_say_what_is_to_be_done(without_tables):
    client = Client(raise_request_exception=False)
    login = {"username": "somebody", "password": "something"}
    for path in ("/api/v1/users/1", "/api/v1/imports", "/api/v1/status"):
        answer = client.get(path, headers={"Authorization": "Bearer abc"})
        assert answer.status_code == 503
        assert answer.json()["description"] == database.NOT_SET_UP
    page = client.post("/admin/login/", login)
    assert page.status_code == 503
    assert database.NOT_SET_UP in unescape(page.content.decode())


def test_a_database_that_is_not_there_is_told_in_a_line_without_password(
    monkeypatch, capsys
):
    def connect(*args):
        raise OperationalError(
            'connection to server at "db.example" (192.0.2.1), port 5432 failed: '
            'FATAL:  database "tachi" does not exist\nDETAIL: more\n'
        )

    there = {"NAME": "tachi", "HOST": "db.example", "PORT": "5432"}
    there |= {"USER": "me", "PASSWORD": "secret"}
    monkeypatch.setattr(commands, "execute_from_command_line", connect)
    other = SimpleNamespace(vendor="postgresql", settings_dict=there)
    monkeypatch.setattr(database, "connection", other)
    monkeypatch.setattr(commands.connections, "close_all", lambda: None)
    assert ended(capsys, "export_user") == (
        2,
        "The database tachi on db.example:5432 (PostgreSQL) cannot be used: FATAL: "
        'database "tachi" does not exist.\n',
    )


def test_other_trouble_is_1_ctrl_c_130_and_a_bug_stays_one(db, monkeypatch, capsys):
    raised = OperationalError("database is locked")

    def fail(*args):
        raise raised

    monkeypatch.setattr(commands.connections, "close_all", lambda: None)
    monkeypatch.setattr(commands, "execute_from_command_line", fail)
    code, told = ended(capsys, "x")
    assert (code, told.count("\n")) == (1, 1)
    raised = KeyboardInterrupt()
    assert ended(capsys, "x") == (130, "Interrupted.\n")
    raised = ProgrammingError("syntax error")
    with pytest.raises(ProgrammingError):
        commands.main(["manage.py", "x"])


def test_a_missing_column_of_a_migrated_database_is_a_bug(db):
    with pytest.raises((OperationalError, ProgrammingError)) as error:
        Score.objects.extra(where=["no_such_column = 1"]).exists()
    assert database.lacks_something(error.value)


def test_what_was_deleted_meanwhile_is_409():
    code = type("Cause", (Exception,), {"pgcode": "23503"})()
    error = IntegrityError("FOREIGN KEY constraint failed")
    error.__cause__ = code
    assert refusal(error).status_code == 409
    assert refusal(IntegrityError("UNIQUE constraint failed")) is None


def test_a_name_that_differs_in_case_is_refused_in_a_sentence(
    db, client, moderator, capsys
):
    make_user("Alice")
    user = make_user("bob")
    page = f"/admin/accounts/user/{user.pk}/change/"
    form = client.get(page).context["adminform"].form
    sent = {name: value for name, value in form.initial.items() if value is not None}
    sent = {name: value for name, value in sent.items() if value is not False}
    answer = client.post(page, {**sent, "username": "ALICE"}).content.decode()
    assert "There is a user of that name already: whether letters are" in answer
    assert "user_name_any_case" not in answer
    user.refresh_from_db()
    assert user.username == "bob"
    code, told = ended(capsys, "createsuperuser", "--no-input", "--username", "ALICE")
    assert code == 1
    assert "already taken" in told


def test_every_constraint_of_a_form_says_a_sentence():
    for model, page in admin.site._registry.items():
        if page.has_change_permission.__qualname__.startswith("ReadOnlyAdmin"):
            continue
        for constraint in model._meta.constraints:
            said = constraint.get_violation_error_message()
            assert constraint.name not in said, (model, said)
