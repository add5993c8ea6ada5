from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import connection, transaction

from tachi.accounts.models import ApiToken, AuthLevel, Permission, User
from tachi.commands import WRONG_USE

NO_PERMISSION = (
    "This token may change nothing: it has no permission. To import scores it needs "
    "--permission submit_score."
)


class Command(BaseCommand):
    help = "Make an API token for a user, and print it: it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("user", help="the user's name")
        add(
            "--permission",
            action="append",
            default=[],
            choices=Permission.values,
            help="what the token may do; may be given more than once",
        )
        add("--create-user", action="store_true", help="make the user if there is none")
        add("--user-id", type=int, metavar="N", help="the id of the user to make")
        add("--admin", action="store_true", help="make the user an admin")

    @transaction.atomic
    def handle(
        self,
        *,
        user: str,
        permission: list[str],
        create_user: bool,
        user_id: int | None,
        admin: bool,
        **options: Any,
    ) -> str:
        if user_id is not None and not create_user:
            raise wrong_use("--user-id is for a user to make: add --create-user.")
        owner = User.objects.named(user)
        if owner is None:
            if not create_user:
                raise wrong_use(f"There is no user {user}: add --create-user.")
            owner = make_user(user, user_id)
        elif user_id not in {None, owner.pk}:
            raise wrong_use(f"The user {user} exists already, with id {owner.pk}.")
        if admin:
            promote(owner)
        if not permission:
            self.stderr.write(NO_PERMISSION)
        _, secret = ApiToken.objects.issue(owner, permission, "create_token")
        return secret


def wrong_use(text: str) -> CommandError:
    return CommandError(text, returncode=WRONG_USE)


def make_user(name: str, user_id: int | None) -> User:
    """A new user without a password; raises CommandError."""
    if user_id is not None and not 0 < user_id < 2**53:
        raise wrong_use("A user's id is a positive integer.")
    user = User(pk=user_id, username=name)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise wrong_use(" ".join(error.messages)) from None
    user.save(force_insert=True)
    # PostgreSQL would give the id out again: it does not look at what it was told.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [User]):
            cursor.execute(statement)
    return user


def promote(user: User) -> None:
    user.auth_level = AuthLevel.ADMIN
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["auth_level", "is_staff", "is_superuser"])
