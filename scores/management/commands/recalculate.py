"""Roll out a changed formula: derive and rate all scores anew, while the site runs.

Player by player, each in one short transaction. Interrupted, it says where to go on.
"""

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from scores.derived.rerate import rerate_player
from scores.games import PLAYTYPES
from scores.locks import Busy
from scores.models import Score
from tachi.accounts.models import User


class Command(BaseCommand):
    help = "Derive and rate all scores anew, and all that follows from them."

    def add_arguments(self, parser):
        parser.add_argument("--game", choices=sorted(PLAYTYPES), help="only this game")
        parser.add_argument("--user", metavar="NAME", help="only this user")
        parser.add_argument(
            "--after",
            type=int,
            default=0,
            metavar="USER_ID",
            help="go on after this user, as an interrupted run said",
        )

    def handle(self, *, game, user, after, verbosity, **options):
        scores = Score.objects.filter(user__gt=after)
        if game:
            scores = scores.filter(gpt__startswith=f"{game}:")
        if user:
            player = User.objects.named(user)
            if player is None:
                raise CommandError(f"There is no user {user!r}.")
            scores = scores.filter(user=player)
        pairs = sorted(scores.values_list("user", "gpt").distinct())
        changed, at_work = 0, after + 1
        quiet = None if verbosity else True
        try:
            for at_work, gpt in tqdm(pairs, unit="profile", disable=quiet):
                changed += rerate_player(at_work, gpt)
        except (KeyboardInterrupt, Busy) as error:
            self.stdout.write(f"{changed} scores changed.")
            why = str(error) or "Interrupted."
            again = f"Go on with --after {at_work - 1}."
            raise CommandError(f"{why} {again}") from None
        self.stdout.write(f"{changed} scores changed in {len(pairs)} profiles.")
