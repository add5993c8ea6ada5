"""Stops: what ends an import before it is written.

Somebody cancels it, its user is banned, or the token that brought it is revoked. The
state is the whole of it: an import that is cancelled is not its worker's any more
(`imports.queue.leases.own`), so the worker writes nothing.
"""

from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now

from imports.acts import act_on, log_acts
from imports.models import Import, ImportQuerySet, RequestedBy, State
from imports.queue import wake_ups
from scores.locks import Busy, not_waiting_longer_than
from tachi.accounts.models import ApiToken, User
from tachi.moderation.log import Verb

STATUS = 409  # of a poll of what was cancelled
CANCELLED = "This import was cancelled."
BANNED = "its user is banned"
REVOKED = "its API token was revoked"
WAIT_SECONDS = 1  # for the import's row; who has it for longer is writing


#: What is told of an import that cannot be cancelled, by its state.
TOLD = {
    State.QUEUED: "is in use just now",
    State.RUNNING: "is being written",
    State.COMPLETED: "is completed",
    State.FAILED: "has failed",
    State.REVERTED: "was reverted",
    State.CANCELLED: "was cancelled already",
}


class NotCancelled(Exception):
    """The import cannot be cancelled (any more); the text says what it is.

    One that is still queued can be in a moment, which its `headers` say.
    """

    status = 409

    def __init__(self, state: State) -> None:
        self.text = f"It cannot be cancelled: this import {TOLD[state]}."
        super().__init__(self.text)
        self.headers = {"Retry-After": "1"} if state == State.QUEUED else {}


class Stopped(Exception):
    """Its user is banned, or its token revoked: nothing of it may be written."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def cancel_import(import_: Import, requested_by: RequestedBy) -> int | None:
    """Cancel an import that is not written yet, and wake a worker for the user's next.

    Returns how many were cancelled: 1, or None when its user was deleted with it. A
    worker that reads it finds out by its next report of progress, or when it comes to
    write. Raises NotCancelled when it has ended or is being written.
    """
    unfinished = Import.objects.unfinished().filter(pk=import_.pk)
    by = requested_by.user or "an operator"
    detail = f"Cancelled by {by} ({requested_by.origin}). {requested_by.reason}"
    with suppress(Busy), not_waiting_longer_than(WAIT_SECONDS):
        # A worker that writes holds the row: then this waits for its end.
        if _cancel(unfinished, CANCELLED, detail.strip()):
            log_acts(requested_by, [act_on(import_, Verb.CANCEL)])
            earlier = Import.objects.filter(user=import_.user_id, pk__lt=import_.pk)
            if not earlier.unfinished().exists():
                wake_ups.wake_next(import_.user_id)
            return 1
    state = Import.objects.filter(pk=import_.pk).values_list("state", flat=True).first()
    if state is None:
        return None
    raise NotCancelled(State(state))


def reason(user: User, token: ApiToken | None) -> str:
    """Why what a user sent, by a token or by none, may not run; empty if it may."""
    if user.is_banned or not user.is_active:
        return BANNED
    return REVOKED if token is not None and token.revoked_at else ""


def because(why: str) -> str:
    """What a poll says of an import that was stopped for a reason."""
    return f"This import was cancelled, because {why}."


def refuse_stopped(import_: Import) -> None:
    """Raise Stopped when its user is banned by now, or its token revoked."""
    now = Import.objects.only("user", "token").select_related("user", "token")
    found = now.get(pk=import_.pk)
    if why := reason(found.user, found.token):
        raise Stopped(why)


def stop(held: ImportQuerySet, import_: Import, why: str) -> None:
    """Cancel an import, the row `held`, and all that waits and is stopped by the same.

    A user who is banned, or whose token is revoked, may have thousands of them queued.
    """
    alike = Import.objects.queued().filter(user=import_.user_id)
    if why == REVOKED:
        alike = alike.filter(token=import_.token_id)
    with transaction.atomic():
        free = alike.order_by("pk").select_for_update(skip_locked=True, no_key=True)
        _cancel(held, because(why))
        pks = list(free.values_list("pk", flat=True))
        _cancel(alike.filter(pk__in=pks), because(why))
        wake_ups.wake_next(import_.user_id)


def _cancel(rows: ImportQuerySet, text: str, detail: str = "") -> int:
    """End imports as cancelled, with the text for polls; returns how many."""
    return rows.update(
        state=State.CANCELLED,
        finished_at=Now(),
        lease_until=None,
        wake_again_at=None,
        phase="",
        description="",
        error_status=STATUS,
        error_text=text,
        error_detail=detail,
    )
