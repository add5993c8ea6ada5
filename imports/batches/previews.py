"""The preview of a draft: the reverts tried out, player by player, and rolled back.

Small drafts are previewed where they are made, larger ones by the job. What is found of
a player is kept with him, and the batch's preview is all of them together.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from imports.batches.selection import scores_of
from imports.models import BatchImport, BatchPlayer, Import, RevertBatch
from imports.undo.preview import Preview, preview_reverts, together
from imports.undo.run_again_preview import preview_run_again
from scores.models import Chart
from tachi.accounts.models import User

MOST_PLAYERS = 20  # of a draft that is previewed at once
READ_AT_ONCE = 50  # previews of players that are in memory together
OUTDATED = "outdated"  # a fingerprint that no preview has


def is_small(batch: RevertBatch) -> bool:
    """Whether the preview may be made while somebody waits for it."""
    if batch.players.count() > MOST_PLAYERS:
        return False
    most = settings.PREVIEW_SCORES
    return scores_of(batch) <= most and _rows_of(batch) <= most


def _rows_of(batch: RevertBatch) -> int:
    """How many rows the preview goes through, be they owned or not: those that were
    known to be scores, and all that were sent where they are read again.
    """
    read = ("imported", "held") if batch.run_again is None else ("total",)
    counts = batch.outcomes.values_list("of_import__counts", flat=True)
    return sum(each.get(name, 0) for each in counts.iterator() if each for name in read)


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
    numbers = change_number(player), charts_version(player)
    user_id = player.user_id
    if user_id is None or not imports:
        preview = together(())
    else:
        preview = _what_would_come(user_id, imports, player.batch)
    player.preview, player.fingerprint = preview, preview["fingerprint"]
    player.change_number, player.charts_version = numbers
    return preview


def _what_would_come(
    user_id: int, imports: list[Import], batch: RevertBatch
) -> Preview:
    if batch.run_again is None:
        return preview_reverts(
            user_id,
            imports,
            block=batch.block,
            withdraw_classes=batch.withdraw_classes,
        )
    playtype = batch.run_again.get("playtype")
    return preview_run_again(
        user_id, imports, playtype, withdraw_classes=batch.withdraw_classes
    )


def preview_player(player: BatchPlayer) -> None:
    """Try a player out and store it. Raises `scores.locks.Busy`."""
    try_out(player)
    save(player)


def save(player: BatchPlayer) -> None:
    """Store what was found of a player."""
    player.save(
        update_fields=["preview", "fingerprint", "change_number", "charts_version"]
    )


def keep_numbers(player: BatchPlayer) -> None:
    """Store the numbers by which it was found that what was shown of a player holds.

    Of one of whom something else was found, nothing is stored.
    """
    rows = BatchPlayer.objects.filter(pk=player.pk, fingerprint=player.fingerprint)
    rows.update(
        change_number=player.change_number, charts_version=player.charts_version
    )


def outdate(players: QuerySet[BatchPlayer]) -> None:
    """Let what was shown of these players hold no more, whatever they did since."""
    players.update(fingerprint=OUTDATED, change_number=None, charts_version=None)


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
    ) and player.charts_version == charts_version(player)


def change_number(player: BatchPlayer) -> int | None:
    users = User.objects.filter(pk=player.user_id or 0)
    return users.values_list("change_number", flat=True).first()


def charts_version(player: BatchPlayer) -> datetime | None:
    """When a chart of the games of a player's imports of the batch changed last.

    Of all of them, whatever became of some: what the batch does is no change of charts.
    """
    imports = player.outcomes.exclude(of_import=None).order_by()
    games = imports.values_list("of_import__game", flat=True).distinct()
    versions = [Chart.objects.charts_version(game) for game in sorted(games)]
    return max((each for each in versions if each), default=None)
