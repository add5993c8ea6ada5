"""Derive and rate scores again after a formula changed, while the site runs.

Player by player, each in one short transaction. Interrupted, workers go on.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from scores.derived.waiting import wait_for_formulas
from scores.games import PLAYTYPES
from scores.management.rerating import changed_text, rerate_here
from scores.models import Score
from tachi.accounts.management.named import named_user


class Command(BaseCommand):
    help = "Derive and rate all scores again, with all that follows from them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--game", choices=sorted(PLAYTYPES), help="only this game")
        parser.add_argument("--user", metavar="NAME", help="only this user")
        parser.add_argument(
            "--after",
            type=int,
            default=0,
            metavar="USER_ID",
            help="only users with a higher id",
        )
        parser.add_argument(
            "--waiting",
            action="store_true",
            help="only who waits for it already, since charts or formulas changed",
        )

    def handle(
        self,
        *,
        game: str | None,
        user: str | None,
        after: int,
        waiting: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        selected = scores(game, user, after)
        if not waiting:
            wait_for_formulas(selected)
        rerated = rerate_here(quiet=None if verbosity else True)
        self.stdout.write(f"{changed_text(rerated)}.")


def scores(game: str | None, username: str | None, after: int) -> QuerySet[Score]:
    """The scores that are meant. Raises CommandError for an unknown user."""
    selected = Score.objects.filter(user__gt=after)
    if game:
        selected = selected.filter(gpt__startswith=f"{game}:")
    if username is not None:
        selected = selected.filter(user=named_user(username))
    return selected
