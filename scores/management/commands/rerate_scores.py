"""Derive and rate scores again after a formula changed, while the site runs.

Player by player, each in one short transaction. Interrupted, it says where to go on.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from tqdm import tqdm

from scores.derived.rerate import rerate_player
from scores.games import PLAYTYPES
from scores.locks import Busy
from scores.models import Score
from tachi.accounts.models import User


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
            help="continue after this user, as an interrupted run said",
        )

    def handle(
        self,
        *,
        game: str | None,
        user: str | None,
        after: int,
        verbosity: int,
        **options: Any,
    ) -> None:
        selected = scores(game, user, after)
        pairs = sorted(selected.values_list("user", "gpt").distinct())
        changed, current = 0, after + 1
        quiet = None if verbosity else True
        try:
            for current, gpt in tqdm(pairs, unit="profile", disable=quiet):
                changed += rerate_player(current, gpt)
        except (KeyboardInterrupt, Busy) as error:
            self.stdout.write(f"{changed} scores changed.")
            why = str(error) or "Interrupted."
            # The player at hand is not done in every game: begin with them again.
            again = f"Go on with --after {current - 1}."
            raise CommandError(f"{why} {again}") from None
        self.stdout.write(f"{changed} scores changed in {len(pairs)} profiles.")


def scores(game: str | None, username: str | None, after: int) -> QuerySet[Score]:
    """The scores that are meant. Raises CommandError for an unknown user."""
    selected = Score.objects.filter(user__gt=after)
    if game:
        selected = selected.filter(gpt__startswith=f"{game}:")
    if username is not None:
        player = User.objects.named(username)
        if player is None:
            raise CommandError(f"There is no user {username!r}.")
        selected = selected.filter(user=player)
    return selected
