"""Deleting an account, and everything that came of it."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Model, OuterRef, QuerySet

from imports.models import (
    BatchImport,
    BatchPlayer,
    DailyIntake,
    Import,
    ImportInput,
    ImportRows,
    Orphan,
    Revert,
    RevertBatch,
)
from scores import copy_rows
from scores.derived.forget import forgetting
from tachi.accounts.models import ApiToken, User
from tachi.accounts.sessions import end_sessions


def delete_user(
    user: User, advance: Callable[[int], object] = lambda rows: None
) -> int:
    """Delete a user with scores, imports, tokens, sessions, jobs and all else.

    One transaction under the player's lock: entirely, or not at all. An import that a
    worker reads ends when it comes to report or to write; what is uploaded meanwhile
    finds no account. Of other players' reverts that this user requested only the name
    goes. What the user did in the admin goes too, and what was done to the account.

    `advance` is told how many rows went. Returns how many there were, of the larger
    tables. Raises `scores.locks.Busy` when an import is being written for too long.
    """
    total = 0

    def count(rows: int) -> None:
        nonlocal total
        total += rows
        advance(rows)

    with forgetting(user.pk, settings.REVERT_WAIT_SECONDS, count):
        _let_nothing_in(user)
        for rows in _of_imports(user):
            copy_rows.delete(rows, count)
        _log_entries_about(user).delete()
        end_sessions(user)
        User.objects.filter(pk=user.pk).delete()
    return total


def _let_nothing_in(user: User) -> None:
    """Wait for who accepts an import of the user, or ends one; no other begins.

    In the order in which those lock: imports from the first on, the day's bytes, and
    the user's row, which a new import has to find when its transaction ends.
    """
    unfinished = Import.objects.unfinished().filter(user=user).order_by("pk")
    list(unfinished.select_for_update().values_list("pk", flat=True))
    DailyIntake.objects.filter(user=user).delete()
    list(User.objects.select_for_update().filter(pk=user.pk).values_list("pk"))


def _of_imports(user: User) -> list[QuerySet[Model]]:
    """A user's imports and their rows; those that refer to others first."""
    batches = _batches_of(user)
    _leave_others(user, batches)
    return [
        ImportInput.objects.filter(of_import__user=user),
        ImportRows.objects.filter(of_import__user=user),
        Orphan.objects.filter(user=user),
        Revert.objects.filter(of_import__user=user),
        BatchImport.objects.filter(batch__in=batches),
        BatchPlayer.objects.filter(batch__in=batches),
        RevertBatch.objects.filter(pk__in=batches),
        Import.objects.filter(user=user),
    ]


def _batches_of(user: User) -> list[int]:
    """The batches of reverts (primary keys) in which there is nobody else."""
    others = BatchPlayer.objects.exclude(user=user).filter(batch=OuterRef("pk"))
    alone = RevertBatch.objects.filter(~Exists(others), players__user=user)
    return list(alone.values_list("pk", flat=True))


def _leave_others(user: User, batches: list[int]) -> None:
    """Of batches with other players the account's name stays, and what became of its
    imports; what was shown of the player does not.
    """
    players = BatchPlayer.objects.filter(user=user).exclude(batch__in=batches)
    players.update(user=None, preview=None)
    outcomes = BatchImport.objects.filter(of_import__user=user)
    outcomes.exclude(batch__in=batches).update(of_import=None)


def _log_entries_about(user: User) -> QuerySet[LogEntry]:
    """What the admin noted of the account and its tokens: it tells their names."""
    of_user = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    tokens = ApiToken.objects.filter(user=user).values_list("pk", flat=True)
    of_tokens = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(ApiToken),
        object_id__in=[str(pk) for pk in tokens],
    )
    return of_user | of_tokens
