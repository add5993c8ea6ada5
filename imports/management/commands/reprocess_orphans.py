"""Try orphans again: rows of imports whose chart was not known.

Everybody's by the job that comes daily, which workers finish when this is interrupted;
a user's, or an import's, here and now.
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef, QuerySet
from tqdm import tqdm

from imports.everybodys_orphans import BUSY, DAILY
from imports.models import Import, Orphan
from imports.orphans import reprocess
from scores.locks import Busy
from scores.management.rerating import show
from tachi.accounts.management.named import named_user
from tachi.accounts.models import User
from tachi.admin.formatting import count_of, in_one_line
from tachi.commands import INTERRUPTED, WRONG_USE
from tachi.jobs.control import in_words
from tachi.jobs.enqueue import enqueue
from tachi.jobs.models import State
from tachi.jobs.run import run_to_end


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
        quiet = None if verbosity else True
        if user is None and import_ is None:
            self.tell(everybodys(quiet=quiet))
            return
        users = list(players(user, import_).order_by("pk"))
        outcome, refused = Counter[str](), []
        try:
            for player in tqdm(users, unit="user", disable=quiet):
                try:
                    outcome.update(reprocess(player, import_))
                except Busy as error:
                    refused.append(in_one_line(f"{player}: {error}"))
        except KeyboardInterrupt:
            self.tell(outcome)
            text = "Interrupted: run it again for the rest."
            raise CommandError(text, returncode=INTERRUPTED) from None
        self.tell(outcome)
        if refused:
            raise CommandError("\n".join(["Some were busy:", *refused]))

    def tell(self, outcome: Mapping[str, int]) -> None:
        orphans = count_of(outcome["processed"], "orphan")
        self.stdout.write(
            f"{orphans}: {outcome['success']} became scores,"
            f" {outcome['removed']} were known already or blocked,"
            f" {outcome['failed']} remain."
        )
        if left := outcome.get(BUSY):
            text = f"{count_of(left, 'orphan')} of players who are busy: workers go on."
            self.stdout.write(text)


def everybodys(*, quiet: bool | None) -> dict[str, int]:
    """What became of everybody's orphans, under a progress bar.

    A worker that is at it does its part. Raises CommandError when it does not come to
    its end.
    """
    job = enqueue(DAILY, wake=False)
    before = dict(job.result)
    try:
        with tqdm(desc="Trying again", unit="orphan", disable=quiet) as bar:
            job = run_to_end(job, lambda each: show(each, bar))
    except KeyboardInterrupt:
        raise CommandError(
            "Interrupted: workers go on with it.", returncode=INTERRUPTED
        ) from None
    if job.state != State.DONE:
        raise CommandError(f"The job {in_words(job.state)}. {job.error_text}".strip())
    return {name: count - before.get(name, 0) for name, count in job.result.items()}


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
    return found.filter(pk=named_user(name).pk)
