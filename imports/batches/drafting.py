"""A step for a draft that a worker previews: the next player is tried out."""

from django.db import transaction
from django.db.models import Min

from imports.batches import previews
from imports.batches.turn import Turn, end, put_off, wait_until
from scores.locks import Busy, waiting_at_most

PATIENCE_SECONDS = 0.2  # for a player's lock


class Deadly(Exception):
    """Workers die at the preview."""


def step(turn: Turn) -> None:
    """Try the next player out, or show the preview of all."""
    batch = turn.batch
    if turn.is_cursed:
        raise Deadly(f"{turn.job.attempts} workers died at the preview of {batch}.")
    player = previews.next_player(batch)
    if player is None:
        _wait_or_show(turn)
        return
    player.batch = batch
    try:
        with waiting_at_most(PATIENCE_SECONDS):
            previews.try_out(player)
    except Busy:
        with transaction.atomic():
            put_off(turn, player)
        return
    with transaction.atomic():
        previews.save(player)
        end(turn, next_one=True)


def _wait_or_show(turn: Turn) -> None:
    left = turn.batch.players.filter(preview__isnull=True)
    until = left.aggregate(at=Min("turn_at"))["at"]
    with transaction.atomic():
        if until is not None:
            wait_until(turn, until)
        else:
            end(turn)
            previews.show(turn.batch, "waiting")
