"""Exactly once: what a client sends again, because it saw no answer, is one import.

With an `Idempotency-Key` it is the import of that key for a day, whatever has become of
it: one that was refused is refused again, one that was cancelled stays so, one that was
retried is what the retry made of it, and one that was reverted is not imported again.
Without a key it is an import that is not finished yet, for a minute.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
from django.utils import timezone

from imports.models import Import, ImportInput, State
from tachi.accounts.models import ApiToken, User
from tachi.logs import request_id

#: Gives further parameters of an import, in the transaction that accepts it.
Decide = Callable[[], dict[str, Any]]

KEPT = timedelta(days=1)  # a key
JOINED = timedelta(minutes=1)  # what is sent without one
LONGEST_KEY = 255  # characters
REVERTED = (
    "This was imported, and the import was reverted. Restore it, or send it under"
    " another Idempotency-Key."
)


@dataclass(frozen=True)
class Sent:
    """What a user sent for import.

    `payload`, `filename` and `parameters` are for the format's parser, the rest is
    stored with the import. `key` is the sender's name for it, if there is one.
    `decide` gives further parameters in the transaction that accepts it, or raises
    there: a switch that counts once goes off with it.
    """

    user: User
    import_type: str
    payload: bytes
    filename: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    user_intent: bool = False
    token: ApiToken | None = None
    user_agent: str = ""
    key: str = ""
    decide: Decide | None = None


class SentBefore(Exception):
    """This was sent before; `import_` is what became of it."""

    def __init__(self, import_: Import) -> None:
        super().__init__(import_.import_id)
        self.import_ = import_


class KeyReused(Exception):
    """Something else was sent under this key before."""

    status = 422
    text = (
        "This Idempotency-Key was used within a day for something else. Send each"
        " import under a key of its own, and the same again only for a repetition."
    )


class BadKey(Exception):
    """The key cannot be one."""

    status = 400
    text = f"An Idempotency-Key is 1 to {LONGEST_KEY} printable characters."


def checked(key: str | None) -> str:
    """The key that a request names, empty where it names none. Raises BadKey."""
    if key is None:
        return ""
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise BadKey
    return key


def digest(sent: Sent) -> bytes:
    """Of what makes two requests the same: the import type, the content and the fields.

    Neither the name of the file nor the boundary of a form.
    """
    said = orjson.dumps(
        [sent.import_type, sent.parameters], option=orjson.OPT_SORT_KEYS
    )
    return sha256(said + b"\n" + sent.payload).digest()


def to_store(sent: Sent, *, counted: bool) -> tuple[Import, ImportInput]:
    """A new import and its input, not saved. Where it is `counted`, with its size."""
    payload = zlib.compress(sent.payload, level=1)
    import_ = Import(
        user=sent.user,
        import_type=sent.import_type,
        user_intent=sent.user_intent,
        token=sent.token,
        user_agent=sent.user_agent[:200].replace("\0", ""),
        received_at=timezone.now(),
        idempotency_key=sent.key,
        digest=digest(sent),
        request_id=request_id(),
    )
    stored = ImportInput(
        of_import=import_,
        payload=payload,
        filename=sent.filename[:255].replace("\0", ""),
        parameters=sent.parameters,
        size=len(payload) + len(json.dumps(sent.parameters)) if counted else 0,
    )
    return import_, stored


def refuse_what_was_sent(sent: Sent) -> None:
    """Raise SentBefore or KeyReused, unless the key is free (again)."""
    found = Import.objects.filter(user=sent.user, idempotency_key=sent.key).first()
    if not sent.key or found is None:
        return
    if found.received_at < timezone.now() - KEPT:
        forget(found)
        return
    if bytes(found.digest or b"") != digest(sent):
        raise KeyReused
    raise SentBefore(found)


def refusal_of(import_: Import) -> tuple[int, str]:
    """Status and text for who sends again what is no import now: it has failed, or was
    cancelled or reverted.
    """
    if import_.state == State.REVERTED:
        return 409, REVERTED
    return import_.error_status or 500, import_.error_text


def problems_of(import_: Import) -> dict[str, Any]:
    """What stands beside that text: `errors` of a document that was refused."""
    is_refused = import_.state == State.FAILED and import_.problems
    return {"errors": import_.problems} if is_refused else {}


def forget(import_: Import) -> None:
    """Let go of an import's key, which may be used anew."""
    old = Import.objects.filter(pk=import_.pk, idempotency_key=import_.idempotency_key)
    old.update(idempotency_key="")


def hand_key(import_: Import, other: Import) -> None:
    """Give an import's key to another of what was sent, not saved: who sends it again
    finds that one.
    """
    if import_.idempotency_key:
        other.idempotency_key = import_.idempotency_key
        forget(import_)


def join_unfinished(sent: Sent, import_: Import) -> None:
    """Raise SentBefore where the same is queued or running since a minute.

    In the transaction that accepts it, after its user's next import has to wait.
    """
    since = timezone.now() - JOINED
    # Few have the digest. Asked for more, the database may look at all that wait.
    same = Import.objects.unfinished().filter(user=sent.user, digest=import_.digest)
    for found in sorted(same, key=lambda each: each.pk):
        if found.token_id == import_.token_id and found.received_at >= since:
            raise SentBefore(found)
