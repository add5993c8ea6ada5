"""Running again: an import is reverted, and imported once more from what was sent.

After a parser or a chart was mended, or as another playtype than a client said. What
comes of it is an import of its own, with the next sequence number and the time of
receipt of the old one, so what was inferred from that stays. Deletions, discards and
blocks count as for the old one. A restore of that is the inverse (`undo.reruns`).
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from zlib import compress, decompress

from django.db import transaction
from django.utils import timezone

from imports import chart_queue
from imports.discards import discards_of
from imports.failures import FailureType
from imports.formats import FORMATS
from imports.formats.base import Failure, ImportRefused, Input
from imports.formats.orphans import orphan_id
from imports.models import Import, ImportInput, Orphan, RequestedBy
from imports.once import hand_key
from imports.pipeline import without_garbage_collection
from imports.progress import silent
from imports.read import ReadImport, read, received_at
from imports.reports import sent_at
from imports.undo import record, records
from imports.undo.revert import revert_now
from imports.undo.waiting import wait_for_imports
from imports.write import (
    ChartsChanged,
    next_sequence,
    require_same_charts,
    take_effect,
)
from scores.copy_rows import chunks
from scores.derived.change import change_of
from scores.derived.recalculate import Touched
from scores.games import PLAYTYPES
from scores.models import Score
from tachi.logs import request_id

NOT_KEPT = "what was sent is not kept any more"
NO_FORMAT = "there is no format {} any more"
NO_PLAYTYPE = "{} has no playtype {}: it has {}"
BY_PLAY = "of {} each play, or its chart, says its playtype, so it is of no other one"
DISCARDED = "Its player has discarded this row."
#: Of the old import, under the lock.
READ_AGAIN = ["sequence", "sent_sequence", "idempotency_key", "context"]
REFUSED = "what was sent is refused now. {}"


class NotRunAgain(Exception):
    """The import cannot be run again; the text says why."""

    status = 409

    def __init__(self, why: str) -> None:
        self.text = f"It cannot be run again: {why.removesuffix('.')}."
        super().__init__(self.text)


@dataclass(frozen=True)
class RunAgain:
    """An import was run again as `import_`: of `scores` that the old one owned, `kept`
    are still there, of the new one or of others that sent them too.
    """

    scores: int
    kept: int
    import_: Import


def run_again(
    import_: Import, requested_by: RequestedBy, *, playtype: str | None = None
) -> RunAgain | None:
    """Revert a completed import and import it once more: entirely, or not at all.

    As if it had been sent for that `playtype`, where one is given. None, and nothing
    changes, when it is not completed (any more). Raises NotRunAgain when what was sent
    is gone, is refused now, or can be of no other playtype; and `scores.locks.Busy`.
    """
    if not Import.objects.completed().filter(pk=import_.pk).exists():
        return None
    with without_garbage_collection():
        while True:
            found = read_again(import_, playtype)
            seconds_left = wait_for_imports(import_.user_id)
            with suppress(ChartsChanged), change_of(import_.user_id, seconds_left):
                # Read again under the lock: a revert may have come first.
                old = Import.objects.completed().filter(pk=import_.pk).first()
                if old is None:
                    return None
                require_same_charts(found.read.parsed.game, found.read.charts_version)
                return found.take_place(old, requested_by, playtype)


@dataclass(frozen=True)
class ReadAgain:
    """An import that would take the place of another, not saved, and what it says."""

    old: Import
    new: Import
    sent: ImportInput
    read: ReadImport

    def take_place(
        self, old: Import, requested_by: RequestedBy, playtype: str | None
    ) -> RunAgain:
        """Revert the old import and write the new one. Under the player's lock."""
        owned = Score.objects.filter(source_import=old)
        ids = list(owned.values_list("score_id", flat=True))
        undone = revert_now(old, requested_by)
        self.write(Touched(old.user_id))
        if requested_by.batch is None:
            record.run_again(old, self.new, playtype)
        records.record_run_again(requested_by, old, self.new, playtype)
        stored = Score.objects.all()
        there = (stored.filter(score_id__in=some).count() for some in chunks(ids))
        return RunAgain(undone.scores, sum(there), self.new)

    def write(self, touched: Touched) -> None:
        """Write the new import, when the claims of the old one are withdrawn.

        Under the player's lock, and with the charts with which it was read.
        """
        new, old = self.new, self.old
        old.refresh_from_db(fields=READ_AGAIN)
        new.sequence = next_sequence(new.user_id)
        new.sent_sequence = sent_at(old)
        hand_key(old, new)
        new.save()  # which its scores refer to
        self.sent.save(force_insert=True)
        discarded = self._discarded()
        effect = take_effect(new, _without(self.read, discarded), touched)
        new.save()
        effect.rows_to_store(new).save(force_insert=True)
        for some in chunks(discarded):
            Orphan.objects.filter(source_import=new, position__in=some).delete()
        if told_of := self.read.told_of:
            join = partial(chart_queue.join_afterwards, new.user, told_of)
            transaction.on_commit(join, robust=True)

    def _discarded(self) -> set[int]:
        """The positions of rows that their player has discarded since they were sent.

        As orphans of the old import, or of this one; a chart may be known by now.
        """
        discards = discards_of(self.new.user_id)
        since = sent_at(self.new)
        unwanted = {each for each, up_to in discards.items() if up_to >= since}
        if not unwanted:
            return set()
        type_, user_id, parsed = (
            self.new.import_type,
            self.new.user_id,
            self.read.parsed,
        )
        return {
            position
            for position, entry in enumerate(parsed.entries)
            for context in (self.old.context, parsed.context)
            if orphan_id(type_, entry, context, user_id) in unwanted
        }


def _without(read: ReadImport, discarded: set[int]) -> ReadImport:
    """What was read, with rows that were discarded as orphans in any case."""
    if not discarded:
        return read
    scores = [each for each in read.scores if each.position not in discarded]
    wrong = [each for each in read.failures if each.position not in discarded]
    wrong += [
        Failure(
            position, FailureType.NOT_FOUND, DISCARDED, read.parsed.entries[position]
        )
        for position in discarded
    ]
    wrong.sort(key=lambda failure: failure.position)
    return replace(read, scores=scores, failures=wrong)


def read_again(import_: Import, playtype: str | None = None) -> ReadAgain:
    """What would take the place of a completed import. Raises NotRunAgain."""
    new, sent = _sent_again(import_, playtype)
    try:
        return ReadAgain(import_, new, sent, read(new, silent))
    except ImportRefused as refusal:
        raise NotRunAgain(REFUSED.format(refusal.text)) from refusal


def _sent_again(old: Import, playtype: str | None) -> tuple[Import, ImportInput]:
    """A new import of what was sent, and its input, not saved."""
    sent = ImportInput.objects.filter(of_import=old).first()
    if sent is None:
        raise NotRunAgain(NOT_KEPT)
    if old.import_type not in FORMATS:
        raise NotRunAgain(NO_FORMAT.format(old.import_type))
    input_ = Input(
        decompress(sent.payload), sent.filename, sent.parameters, received_at(old)
    )
    if playtype is not None:
        input_ = _as_playtype(old, input_, playtype)
    new = Import(
        user_id=old.user_id,
        import_type=old.import_type,
        user_intent=old.user_intent,
        token_id=old.token_id,
        user_agent=old.user_agent,
        digest=old.digest,  # of what was sent, not of what is read instead
        rerun_of=old,
        received_at=old.received_at,
        started_at=timezone.now(),
        request_id=request_id(),
    )
    return new, ImportInput(
        of_import=new,
        payload=compress(input_.payload, level=1),
        filename=input_.filename,
        parameters=input_.parameters,
    )


def _as_playtype(import_: Import, sent: Input, playtype: str) -> Input:
    playtypes = PLAYTYPES[import_.game]
    if playtype not in playtypes:
        known = ", ".join(playtypes)
        raise NotRunAgain(NO_PLAYTYPE.format(import_.game, playtype[:100], known))
    format_ = FORMATS[import_.import_type]
    if format_.as_playtype is None:
        raise NotRunAgain(BY_PLAY.format(import_.import_type))
    try:
        return format_.as_playtype(sent, playtype)
    except ImportRefused as refusal:
        raise NotRunAgain(refusal.text) from refusal
