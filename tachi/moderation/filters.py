"""How the moderation log is narrowed down."""

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from tachi.moderation.models import Entry, Subject


def of_player(entries: QuerySet[Entry], name: str) -> QuerySet[Entry]:
    """Entries about a player, by his name in any case, also of one who is deleted."""
    return _named(entries, "player", name)


def by(entries: QuerySet[Entry], name: str) -> QuerySet[Entry]:
    """Entries of who did it, by his name in any case, also of one who is deleted."""
    return _named(entries, "by", name)


def _named(entries: QuerySet[Entry], column: str, name: str) -> QuerySet[Entry]:
    """By the account that has the name now, or had it to its end."""
    users = get_user_model().objects.alias(name=Lower("username"))
    living = users.filter(name=name.lower()).values_list("pk", flat=True).first()
    found = Q((column, None), ("former", name.lower()))
    if living is not None:
        found |= Q((column, living))
    return entries.alias(former=Lower(f"{column}_name")).filter(found)


def of_batch(entries: QuerySet[Entry], batch_id: str) -> QuerySet[Entry]:
    """Entries of a batch: of itself, and of what was done in it."""
    itself = Q(subject_kind=Subject.BATCH, subject_id=batch_id)
    return entries.filter(itself | Q(batch_id=batch_id) & ~Q(batch_id=""))
