"""Work out everything derived anew from the facts, and compare."""

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from scores.integrity import check_user
from tachi.accounts.models import User


class Command(BaseCommand):
    help = "Check that all that is derived follows from the facts; exit 1 if not."

    def add_arguments(self, parser):
        parser.add_argument("--user", metavar="NAME", help="only this user")
        parser.add_argument(
            "--repair", action="store_true", help="put right what is wrong"
        )

    def handle(self, *, user, repair, verbosity, **options):
        players = User.objects.order_by("pk")
        if user:
            players = players.filter(username__iexact=user)
            if not players.exists():
                raise CommandError(f"There is no user {user!r}.")
        wrong = 0
        pks = players.values_list("pk", "username")
        for pk, name in tqdm(
            list(pks), unit="user", disable=None if verbosity else True
        ):
            found = check_user(pk, repair=repair)
            wrong += len(found)
            for difference in found:
                self.stdout.write(f"{name}: {difference}")
        if not wrong:
            self.stdout.write("Everything follows from the facts.")
        elif repair:
            self.stdout.write(f"{wrong} differences were repaired.")
        else:
            raise CommandError(f"{wrong} differences from the facts.")
