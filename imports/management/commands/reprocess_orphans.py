"""Try orphans again, user by user: rows of imports whose chart was not known."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef, QuerySet
from tqdm import tqdm

from imports.models import Import, Orphan
from imports.orphans import reprocess
from scores.locks import Busy
from tachi.accounts.models import User
from tachi.admin.formatting import count_of, in_one_line

WRONG_USE = 2  # exit code


class Command(BaseCommand):
    help = "Make scores of orphans whose song or chart is known by now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", metavar="NAME", help="only this user's")
        parser.add_argument(
            "--import", metavar="ID", dest="import_id", help="only those of this import"
        )

    def handle(
        self,
        *,
        user: str | None,
        import_id: str | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        import_ = named_import(import_id)
        users = list(players(user, import_).order_by("pk"))
        quiet = None if verbosity else True
        outcome, refused = Counter[str](), []
        try:
            for player in tqdm(users, unit="user", disable=quiet):
                try:
                    outcome.update(reprocess(player, import_))
                except Busy as error:
                    refused.append(in_one_line(f"{player}: {error}"))
        except KeyboardInterrupt:
            self.tell(outcome)
            raise CommandError("Interrupted: run it again for the rest.") from None
        self.tell(outcome)
        if refused:
            raise CommandError("\n".join(["Some were busy:", *refused]))

    def tell(self, outcome: Counter[str]) -> None:
        orphans = count_of(outcome["processed"], "orphan")
        self.stdout.write(
            f"{orphans}: {outcome['success']} became scores,"
            f" {outcome['removed']} were known already or blocked,"
            f" {outcome['failed']} remain."
        )


def named_import(import_id: str | None) -> Import | None:
    """The import that is named. Raises CommandError where there is none."""
    if import_id is None:
        return None
    import_ = Import.objects.filter(import_id=import_id).first()
    if import_ is None:
        text = f"There is no import {import_id!r}."
        raise CommandError(text, returncode=WRONG_USE)
    return import_


def players(name: str | None, import_: Import | None) -> QuerySet[User]:
    """Users with orphans that are meant. Raises CommandError for an unknown user."""
    orphans = Orphan.objects.filter(user=OuterRef("pk"))
    if import_ is not None:
        orphans = orphans.filter(source_import=import_)
    found = User.objects.filter(Exists(orphans))
    if name is None:
        return found
    player = User.objects.named(name)
    if player is None:
        raise CommandError(f"There is no user {name!r}.", returncode=WRONG_USE)
    return found.filter(pk=player.pk)
