"""Retrying: a failed import runs again under its id, while its input is kept."""

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from imports.acts import act_on, log_acts
from imports.models import Import, ImportInput, ImportQuerySet, RequestedBy, State
from imports.pipeline import AccountGone, run_inline
from imports.queue import stops, wake_ups
from imports.rules.refusals import refusal_of
from tachi.moderation.log import Verb


class NotRetried(Exception):
    """The import cannot run again; the text says why."""

    status = 409

    def __init__(self, why: str) -> None:
        self.text = f"It cannot be retried: {why}."
        super().__init__(self.text)


def retry_import(
    import_: Import, requested_by: RequestedBy, *, past_rules: bool = False
) -> Import:
    """Run a failed import again, as `imports.pipeline.submit` runs what was sent.

    It has all its attempts again, and its old place: it is older than what its user has
    sent since, so it takes the next turn. Rules that stop its source hold for its
    owner; whom a moderator helps goes `past_rules`. Raises NotRetried, RefusedByRule,
    and AccountGone.
    """
    if why := stops.reason(import_.user, import_.token):
        raise NotRetried(why)
    import_.past_rules = past_rules
    if refused := refusal_of(import_):
        raise refused
    with transaction.atomic():
        failed = Import.objects.failed().filter(pk=import_.pk)
        if not failed.filter(has_input()).update(
            state=State.QUEUED,
            past_rules=past_rules,
            attempts=0,
            delays=0,
            waiting_since=None,
            started_at=None,
            finished_at=None,
            done=0,
            total=None,
            phase="",
            description="",
            error_status=None,
            error_text="",
            error_detail="",
            problems=None,
        ):
            raise NotRetried(_why_not(import_))
        import_.refresh_from_db()
        log_acts(requested_by, [act_on(import_, Verb.RETRY)])
        if not settings.IMPORT_INLINE:
            wake_ups.wake_in_turn(import_)
    return run_inline(import_) if settings.IMPORT_INLINE else import_


def retriable() -> ImportQuerySet:
    """The failed imports whose input is kept."""
    return Import.objects.failed().filter(has_input())


def has_input() -> Exists:
    """The condition that what was sent with an import is kept."""
    return Exists(ImportInput.objects.filter(of_import=OuterRef("pk")))


def _why_not(import_: Import) -> str:
    """Why it cannot be retried; raises AccountGone."""
    state = Import.objects.filter(pk=import_.pk).values_list("state", flat=True).first()
    if state is None:
        raise AccountGone
    if state == State.FAILED:
        return "what was sent is not kept any more"
    return f"only an import that failed can be, and this one is {state}"
