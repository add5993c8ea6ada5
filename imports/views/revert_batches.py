"""Batches of reverts: drafted, confirmed, watched by those who moderate."""

from collections.abc import Callable
from typing import Any, NotRequired

from django.conf import settings
from django.http import HttpResponse
from rest_framework import decorators
from rest_framework.decorators import action
from rest_framework.request import Request

from imports.batches import control, run
from imports.batches.documents import (
    BatchDocument,
    BatchListing,
    batch_document,
    batch_listings,
)
from imports.batches.draft import draft
from imports.batches.outcomes import (
    OutcomeDocument,
    every_outcome,
    outcome_documents,
    outcomes_of,
)
from imports.batches.refusals import Stale
from imports.filters import BadFilter
from imports.models import Origin, RequestedBy, RevertBatch
from imports.rows.spreadsheet import table
from imports.views.own_batches import MayModerate, MayModerateOrOwns, shown
from imports.views.revert_batch_bodies import CONFIRM, DRAFT, HOLD, OUTCOME, STATE
from tachi.accounts.authentication import user_of
from tachi.api.envelope import Failure, Refused, success
from tachi.api.openapi import answers
from tachi.api.paging import LINK, PAGING, Next, Order, page
from tachi.api.rendering import JSONResponse
from tachi.api.validation import as_object, validate
from tachi.api.viewsets import ResourceViewSet

CSV = "text/csv"
NEWEST = Order(("-created_at", "-pk"))
IN_ORDER = Order(("position",))
MOVED = {409: "It is in no state for that: the description says in which it is."}
STALE = "It is not what was shown: see `body`; or there is nothing to confirm."
HEADER = ("importID", "userID", "state", "why", "scores", "kept", "otherPlaytypes")


class RevertBatches(Next):
    """Batches, newest first."""

    batches: list[BatchListing]


class NotConfirmed(Failure):
    """A batch that was not confirmed; as it is now, where it is not what was shown."""

    body: NotRequired[BatchDocument]


class RevertBatchOutcomes(Next):
    """What came of the imports of a batch, in their order."""

    outcomes: list[OutcomeDocument]


class RevertBatchViewSet(ResourceViewSet):
    """Batches of reverts."""

    queryset = RevertBatch.objects.all()
    lookup_field = "batch_id"
    not_found_text = "This batch does not exist."
    permission_classes = [MayModerate]

    @answers(
        BatchDocument,
        status=201,
        sent=DRAFT,
        tag="revert-batches",
        name="revert_batch_draft",
    )
    def create(self, request: Request) -> JSONResponse:
        """Draft a batch: what filters select, or the imports that are named.

        Its selection is frozen and nothing is changed; the preview says what would be.
        A large one is made by a worker: `preview` is null until then, and `progress`
        says how far it is. Filters are those of `GET /imports` and `user`, `token`,
        `userAgent` and `hasErrors`; several narrow each other down. The same
        `clientKey` gives the same draft again.
        """
        sent = validate(request.data, DRAFT)
        try:
            batch = draft(
                self.requested_by(request, sent.get("reason", "")),
                filters=sent.get("filters"),
                import_ids=sent.get("importIDs"),
                note=sent.get("note", ""),
                client_key=sent.get("clientKey", ""),
                block=sent.get("block", False),
                withdraw_classes=sent.get("withdrawClasses", False),
                run_again=sent.get("runAgain"),
            )
        except BadFilter as error:
            raise Refused(400, f"[filters.{error.name}] {error}") from None
        return success("Drafted a batch.", batch_document(batch), 201)

    @answers(
        RevertBatches,
        query={**STATE, **PAGING},
        response_headers={"Link": LINK},
        tag="revert-batches",
        name="revert_batches",
    )
    def list(self, request: Request) -> JSONResponse:
        """All batches, newest first, in pages of up to 500; without their previews.

        Each revert belongs to one, also where it is of a single import.
        """
        query = as_object(request.query_params)
        sent = validate(query, {**STATE, **PAGING})
        rows = self.get_queryset()
        if "state" in sent:
            rows = rows.filter(state=sent["state"])
        found = page(request, rows, NEWEST, always=True)
        batches = batch_listings(list(found.rows.defer("preview")))
        body = {"batches": batches, **found.more}
        return success(f"Found {len(batches)} batches.", body, headers=found.headers)

    @decorators.permission_classes([MayModerateOrOwns])
    @answers(BatchDocument, tag="revert-batches", name="revert_batch")
    def retrieve(self, request: Request, batch_id: str) -> JSONResponse:
        """A batch: how far it is, and its preview.

        Also for who made it of his own imports, as who wiped a profile.
        """
        return success("Found the batch.", shown(request, self.get_object()))

    @action(detail=True)
    @answers(
        RevertBatchOutcomes,
        query={**OUTCOME, **PAGING},
        response_headers={"Link": LINK},
        tag="revert-batches",
        name="revert_batch_outcomes",
    )
    def outcomes(self, request: Request, batch_id: str) -> JSONResponse:
        """What came of each import of a batch, in pages of up to 500.

        Players come one by one, and of each the newest import first.
        """
        batch = self.get_object()
        sent = validate(as_object(request.query_params), {**OUTCOME, **PAGING})
        rows = outcomes_of(batch, sent.get("state"))
        found = page(request, rows, IN_ORDER, always=True)
        outcomes = outcome_documents(found.rows)
        body = {"outcomes": outcomes, **found.more}
        return success(f"Found {len(outcomes)} imports.", body, headers=found.headers)

    @action(detail=True, url_path="outcomes.csv")
    @answers(
        str,
        query=OUTCOME,
        media_type=CSV,
        tag="revert-batches",
        name="revert_batch_outcomes_csv",
    )
    def outcomes_csv(self, request: Request, batch_id: str) -> HttpResponse:
        """What came of all imports of a batch as CSV, in UTF-8 with a line of headers.

        A text that a spreadsheet could take for a formula begins with an apostrophe.
        """
        batch = self.get_object()
        sent = validate(as_object(request.query_params), OUTCOME)
        rows = every_outcome(batch, sent.get("state"))
        text = table(HEADER, ([row[name] for name in HEADER] for row in rows))  # type: ignore[literal-required]
        response = HttpResponse(text, f"{CSV}; charset=utf-8")
        name = f'attachment; filename="outcomes-{batch.batch_id}.csv"'
        response["Content-Disposition"] = name
        return response

    @action(detail=True, methods=["post"])
    @answers(
        BatchDocument,
        sent=CONFIRM,
        tag="revert-batches",
        name="revert_batch_confirm",
        refuses={409: (STALE, NotConfirmed)},
    )
    def confirm(self, request: Request, batch_id: str) -> JSONResponse:
        """Run exactly what the preview shows.

        `fingerprint` is the preview's. Another, or another number of imports, is 409,
        with the batch as it is now as `body`. A batch of more than 1,000 scores (a
        setting) needs `imports`, and a reason, which may come with this. Players of
        whom something else would happen by their turn are set aside: when it is done
        (`aside`), `preview` shows what would happen to them, to be confirmed again.
        """
        batch = self.get_object()
        sent = validate(request.data, CONFIRM)
        by = self.requested_by(request, sent.get("reason", ""))
        try:
            control.confirm(batch, by, sent["fingerprint"], sent.get("imports"))
        except Stale as stale:
            raise Refused(409, str(stale), body=batch_document(batch)) from None
        return self.moved("Confirmed the batch.", batch)

    @action(detail=True, methods=["post"])
    @answers(
        BatchDocument, tag="revert-batches", name="revert_batch_pause", refuses=MOVED
    )
    def pause(self, request: Request, batch_id: str) -> JSONResponse:
        """Pause a batch, after the import that runs: `pausing` until then."""
        return self.act(request, "Paused the batch.", control.pause)

    @action(detail=True, methods=["post"])
    @answers(
        BatchDocument, tag="revert-batches", name="revert_batch_resume", refuses=MOVED
    )
    def resume(self, request: Request, batch_id: str) -> JSONResponse:
        """Let a paused batch go on where it was."""
        return self.act(request, "Resumed the batch.", control.resume)

    @action(detail=True, methods=["post"])
    @answers(
        BatchDocument, tag="revert-batches", name="revert_batch_cancel", refuses=MOVED
    )
    def cancel(self, request: Request, batch_id: str) -> JSONResponse:
        """Cancel a batch, after the import that runs: `cancelling` until then.

        What is reverted by then stays so, and can be restored.
        """
        return self.act(request, "Cancelled the batch.", control.cancel)

    @action(detail=True, methods=["post"], permission_classes=[MayModerateOrOwns])
    @answers(
        BatchDocument, tag="revert-batches", name="revert_batch_restore", refuses=MOVED
    )
    def restore(self, request: Request, batch_id: str) -> JSONResponse:
        """Bring back what a batch, which has ended, has reverted: that and no more.

        Oldest import first. What it leaves alone is an outcome with a `why`. Also for
        who made it of his own imports, as who wiped a profile.
        """
        return self.act(request, "Restoring the batch.", control.restore)

    @action(detail=True, methods=["post"], url_path="retry-failed")
    @answers(
        BatchDocument,
        tag="revert-batches",
        name="revert_batch_retry_failed",
        refuses=MOVED,
    )
    def retry_failed(self, request: Request, batch_id: str) -> JSONResponse:
        """Try again what has failed in a batch that is done or paused."""
        return self.act(request, "Trying again what has failed.", control.retry_failed)

    @action(detail=True, methods=["post"])
    @answers(BatchDocument, sent=HOLD, tag="revert-batches", name="revert_batch_hold")
    def hold(self, request: Request, batch_id: str) -> JSONResponse:
        """Keep what a batch reverted restorable beyond the usual time, or no longer.

        Without `held` it becomes the other of the two.
        """
        batch = self.get_object()
        sent = validate(request.data, HOLD)
        batch = control.hold(batch, self.requested_by(request), sent.get("held"))
        text = "Held the batch." if batch.held else "Let go of the batch."
        return success(text, batch_document(batch))

    def act(
        self,
        request: Request,
        text: str,
        verb: Callable[[RevertBatch, RequestedBy], Any],
    ) -> JSONResponse:
        """Move the batch that the address names, and answer with it as it is then."""
        batch = self.get_object()
        validate(request.data, {})
        verb(batch, self.requested_by(request))
        return self.moved(text, batch)

    def moved(self, text: str, batch: RevertBatch) -> JSONResponse:
        """The batch; where the site has no workers, after it has run to its end."""
        if settings.IMPORT_INLINE:
            run.run_to_end(batch)
        return success(text, shown(self.request, batch))

    def requested_by(self, request: Request, reason: str = "") -> RequestedBy:
        return RequestedBy(user_of(request), Origin.API, reason)
