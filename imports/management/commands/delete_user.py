"""Delete an account and everything of it, after asking for its name."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imports.delete_user import delete_user
from imports.models import Import
from scores.locks import Busy
from scores.models import Score
from tachi.accounts.management.named import named_user
from tachi.accounts.models import User
from tachi.admin.formatting import count_of
from tachi.commands import INTERRUPTED


class Command(BaseCommand):
    help = (
        "Delete a user with everything: scores, imports, orphans, tokens, sessions. "
        "Entirely or not at all; it cannot be undone. Run export_user first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("user", metavar="NAME", help="whose account it is, in any case")
        add("--no-input", action="store_false", dest="ask", help="do not ask first")

    def handle(self, *, user: str, ask: bool, verbosity: int, **options: Any) -> None:
        player = named_user(user)
        if ask:
            self.ask(player)
        quiet = verbosity == 0 or not sys.stderr.isatty()
        try:
            with tqdm(unit="row", desc="Deleting", disable=quiet) as bar:
                delete_user(player, bar.update)
        except Busy as error:
            raise CommandError(f"{error} Nothing was deleted: run it again.") from error
        except KeyboardInterrupt:
            text = "Interrupted: nothing was deleted."
            raise CommandError(text, returncode=INTERRUPTED) from None
        if verbosity:
            self.stdout.write(f"The user {player.username} is deleted.")

    def ask(self, player: User) -> None:
        """Raise CommandError unless somebody types the user's name."""
        scores = count_of(Score.objects.filter(user=player).count(), "score")
        imports = count_of(Import.objects.filter(user=player).count(), "import")
        self.stdout.write(
            f"This deletes {player.username} (id {player.pk}) for good, with {scores},"
            f" {imports} and everything else. Nothing of it can be restored."
            f"\nTo keep a copy, run this first:"
            f" manage.py export_user {player.username} > {player.username}.json"
        )
        try:
            typed = input("Type the user's name to delete the account: ")
        except (EOFError, KeyboardInterrupt):
            typed = ""
        if typed != player.username:
            raise CommandError("Nothing was deleted.")
