"""The preview of a draft: the reverts tried out, player by player, and rolled back.

Small drafts are previewed where they are made, larger ones by the job. What is found of
a player is kept with him, and the batch's preview is all of them together.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from django.conf import settings
from django.utils import timezone

from imports.batches.selection import scores_of
from imports.models import BatchImport, BatchPlayer, Import, RevertBatch
from imports.undo.preview import Preview, preview_reverts, together
from imports.undo.run_again_preview import preview_run_again
from scores.models import Chart
from tachi.accounts.models import User

MOST_PLAYERS = 20  # of a draft that is previewed at once
READ_AT_ONCE = 50  # previews of players that are in memory together


def is_small(batch: RevertBatch) -> bool:
    """Whether the preview may be made while somebody waits for it."""
    players = batch.players.count()
    return players <= MOST_PLAYERS and scores_of(batch) <= settings.PREVIEW_SCORES


def next_player(batch: RevertBatch) -> BatchPlayer | None:
    """The next player of a draft who was not tried out yet, and may be now."""
    waiting = batch.players.filter(preview__isnull=True, turn_at__lte=timezone.now())
    return waiting.order_by("position").first()


def try_out(player: BatchPlayer) -> Preview:
    """What would change by a player's imports that are still to come.

    It is put on the player, with the numbers by which it is known to hold still; the
    caller saves it. Raises `scores.locks.Busy`.
    """
    imports = list(ahead(player))
    # Before it: what is changed meanwhile may be in the preview, or may not.
    player.change_number = change_number(player)
    player.charts_version = charts_version(imports)
    user_id = player.user_id
    if user_id is None or not imports:
        preview = together(())
    else:
        preview = _what_would_come(user_id, imports, player.batch)
    player.preview, player.fingerprint = preview, preview["fingerprint"]
    return preview


def _what_would_come(
    user_id: int, imports: list[Import], batch: RevertBatch
) -> Preview:
    if batch.run_again is None:
        return preview_reverts(user_id, imports, block=batch.block)
    return preview_run_again(user_id, imports, batch.run_again.get("playtype"))


def preview_player(player: BatchPlayer) -> None:
    """Try a player out and store it. Raises `scores.locks.Busy`."""
    try_out(player)
    save(player)


def save(player: BatchPlayer) -> None:
    """Store what was found of a player."""
    player.save(
        update_fields=["preview", "fingerprint", "change_number", "charts_version"]
    )


def show(batch: RevertBatch, *states: str) -> None:
    """Make the previews of the players in these states the preview of the batch."""
    players = batch.players.filter(state__in=states).order_by("position")
    found = players.exclude(preview__isnull=True).values_list("preview", flat=True)
    preview = together(cast("Iterator[Preview]", found.iterator(READ_AT_ONCE)))
    batch.preview, batch.fingerprint = preview, preview["fingerprint"]
    batch.needs_preview = False
    batch.save(update_fields=["preview", "fingerprint", "needs_preview"])


def ahead(player: BatchPlayer) -> Iterator[Import]:
    """The player's completed imports of the batch that are still to be reverted."""
    waiting = player.outcomes.filter(state=BatchImport.State.WAITING)
    imports = Import.objects.completed().filter(pk__in=waiting.values("of_import"))
    yield from imports.only("game", "sequence", "user").order_by("-sequence")


def is_as_shown(player: BatchPlayer) -> bool:
    """Whether nothing that was found can have changed. Under the player's lock."""
    return player.change_number == change_number(
        player
    ) and player.charts_version == charts_version(ahead(player))


def change_number(player: BatchPlayer) -> int | None:
    users = User.objects.filter(pk=player.user_id or 0)
    return users.values_list("change_number", flat=True).first()


def charts_version(imports: Iterable[Import]) -> datetime | None:
    """When a chart of the games of these imports changed last."""
    games = sorted({import_.game for import_ in imports})
    versions = [Chart.objects.charts_version(game) for game in games]
    return max((each for each in versions if each), default=None)
