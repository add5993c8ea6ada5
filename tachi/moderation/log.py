"""Writing the moderation log, in the transaction of what is done.

So an act and its entry are stored together, or neither is: verbs call `record` within
their transaction, and nothing else writes entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractUser

from tachi.moderation.models import LONGEST_NAME, Entry, Origin, Subject, Verb

__all__ = ["Act", "Acting", "Origin", "Subject", "Verb", "record", "record_each"]

BATCH_SIZE = 500  # entries in one statement


@dataclass(frozen=True)
class Acting:
    """Who does something, from where and why.

    Nobody is on record where a command was run: `user` is None. The player may read
    `reason`, and never `note`. `batch_id` is that of the batch it belongs to, if any.
    """

    user: AbstractUser | None
    origin: str
    reason: str = ""
    note: str = ""
    batch_id: str = ""


#: A command at the shell, of which nobody said who runs it.
OPERATOR = Acting(None, Origin.COMMAND)


@dataclass(frozen=True)
class Act:
    """What is done to what: `text` is the subject in words, `player` whose it is.

    A player who is deleted in the same transaction is named by `player_name` alone.
    """

    verb: Verb
    kind: Subject
    key: str | int
    text: str
    player: AbstractUser | None = None
    player_name: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def about_user(verb: Verb, user: AbstractUser) -> Act:
    """An act on an account."""
    return Act(verb, Subject.PLAYER, user.pk, user.username, user)


def record(acting: Acting, act: Act) -> None:
    """Log one act; one statement, in the caller's transaction."""
    _entry(acting, act).save(force_insert=True)


def record_each(acting: Acting, acts: Iterable[Act]) -> None:
    """Log acts, in a statement for each five hundred, in the caller's transaction."""
    entries = [_entry(acting, act) for act in acts]
    if entries:
        Entry.objects.bulk_create(entries, batch_size=BATCH_SIZE)


def is_own(acting: Acting, player_id: int) -> bool:
    """Whether somebody acts on what is his own, and not by a command."""
    return acting.user is not None and acting.user.pk == player_id


def _entry(acting: Acting, act: Act) -> Entry:
    player = act.player
    return Entry(
        by_id=acting.user.pk if acting.user else None,
        by_name=acting.user.username if acting.user else "",
        origin=acting.origin,
        verb=act.verb,
        subject_kind=act.kind,
        subject_id=str(act.key),
        subject_text=act.text[:LONGEST_NAME],
        player_id=player.pk if player else None,
        player_name=player.username if player else act.player_name,
        reason=acting.reason,
        note=acting.note,
        batch_id=acting.batch_id,
        details=act.details,
    )
