"""Calculate everything derived from the facts, and compare it with what is stored."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from scores.derived.integrity import check_user
from scores.derived.waiting import gpts_waiting
from scores.locks import Busy
from scores.management.rerating import waiting_text
from tachi.accounts.management.named import named_user
from tachi.accounts.models import User
from tachi.admin.formatting import count_of, in_one_line


class Command(BaseCommand):
    help = "Check that all that is derived follows from the facts; exit 1 if not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="only this user")
        parser.add_argument(
            "--repair", action="store_true", help="correct what is wrong"
        )

    def handle(
        self, *, user: str | None, repair: bool, verbosity: int, **options: Any
    ) -> None:
        players = User.objects.order_by("pk")
        if user is not None:
            players = players.filter(pk=named_user(user).pk)
        wrong = left = waiting = 0
        users = list(players.values_list("pk", "username"))
        for pk, name in tqdm(users, unit="user", disable=None if verbosity else True):
            found = self.count(pk, name, repair=repair)
            wrong += found
            waiting += self.tell_waiting(pk, name)
            if found and repair:
                left += self.count(pk, f"{name}, still")
        if waiting:
            self.stdout.write(f"{waiting_text(waiting)}.")
        self.conclude(wrong, left, repair=repair)

    def conclude(self, wrong: int, left: int, *, repair: bool) -> None:
        """Say how it ended. Raises CommandError where something is wrong still."""
        if not wrong:
            self.stdout.write("Everything follows from the facts.")
        elif not repair:
            raise CommandError(f"{count_of(wrong, 'difference')} from the facts.")
        elif left:
            raise CommandError(f"{left} of {wrong} differences are left.")
        else:
            self.stdout.write(f"{count_of(wrong, 'difference')} repaired.")

    def tell_waiting(self, pk: int, name: str) -> bool:
        """Print where a user waits to be rated again; whether that is anywhere."""
        gpts = gpts_waiting(pk)
        if gpts:
            self.stdout.write(f"{name}: Waits to be rated again in {', '.join(gpts)}.")
        return bool(gpts)

    def count(self, pk: int, label: str, *, repair: bool = False) -> int:
        """Print the differences in a user's rows; returns how many there are."""
        try:
            found = check_user(pk, repair=repair)
        except Busy as error:
            found = [f"Not checked. {error}"]
        for difference in found:
            self.stdout.write(in_one_line(f"{label}: {difference}"))
        return len(found)
