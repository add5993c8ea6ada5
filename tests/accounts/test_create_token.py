from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tachi.accounts.models import AuthLevel, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def create_token(*args):
    out = StringIO()
    call_command("create_token", *args, stdout=out)
    return out.getvalue()


def test_prints_the_token_and_nothing_else(api):
    user = make_user("tester")

    printed = create_token(
        "TESTER", "--permission", "submit_score", "--permission", "delete_score"
    )

    assert len(printed) == 41
    body = api.get("/api/v1/status", token=printed.strip()).json()["body"]
    assert body["whoami"] == user.pk
    assert body["permissions"] == ["delete_score", "submit_score"]


def test_makes_the_user_where_that_is_asked_for():
    create_token("newcomer", "--create-user")
    create_token("newcomer", "--create-user")

    user = User.objects.get()
    assert user.username == "newcomer"
    assert user.auth_level == AuthLevel.USER
    assert not user.has_usable_password()


def test_makes_the_user_with_an_id_and_goes_on_counting_above_it():
    create_token("newcomer", "--create-user", "--user-id", "4321")
    create_token("newcomer", "--create-user", "--user-id", "4321")

    assert User.objects.get().pk == 4321
    assert make_user("next_one").pk == 4322


def test_a_low_id_does_not_make_the_count_go_back():
    create_token("high", "--create-user", "--user-id", "4321")
    create_token("low", "--create-user", "--user-id", "7")

    assert make_user("next_one").pk == 4322


def test_makes_an_admin_where_that_is_asked_for():
    create_token("boss", "--create-user", "--admin")

    user = User.objects.get()
    assert user.is_admin
    assert user.is_staff
    assert user.is_superuser


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["nobody"], "There is no user nobody: add --create-user."),
        (["nobody", "--user-id", "5"], "add --create-user"),
        (["tester", "--create-user", "--user-id", "5"], "exists already, with id"),
        (["other", "--create-user", "--user-id", "77"], "already exists"),
        (["other", "--create-user", "--user-id", "0"], "positive integer"),
        (["other", "--create-user", "--user-id", "9" * 20], "positive integer"),
        (["other", "--create-user", "--user-id", "x"], "invalid int value"),
        (["1x", "--create-user"], "3 to 21 letters"),
        (["x" * 22, "--create-user"], "at most 21"),
        (["tester", "--permission", "fly"], "invalid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(args, text):
    user = make_user("tester", id=77)

    with pytest.raises(CommandError, match=text):
        create_token(*args)

    assert list(User.objects.all()) == [user]
    assert not user.tokens.exists()


def test_a_token_without_a_permission_is_warned_of_and_printed_alone():
    make_user("tester")
    out, err = StringIO(), StringIO()
    call_command("create_token", "tester", stdout=out, stderr=err)
    assert len(out.getvalue()) == 41
    assert "--permission submit_score" in err.getvalue()
    assert err.getvalue().count("\n") == 1


def test_of_one_with_a_permission_nothing_is_said():
    make_user("tester")
    err = StringIO()
    call_command("create_token", "tester", "--permission", "submit_score", stderr=err)
    assert err.getvalue() == ""
