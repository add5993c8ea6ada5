"""What the commands share that rate players again: a progress bar, and what is said."""

from django.core.management.base import CommandError
from tqdm import tqdm

from scores.derived import waiting
from scores.derived.rerate import Rerated
from scores.models import PlayerToRerate
from tachi.admin.formatting import count_of
from tachi.commands import INTERRUPTED
from tachi.jobs import control
from tachi.jobs.models import Job, State


def rerate_here(*, quiet: bool | None) -> Rerated:
    """Rate all who wait again, under a progress bar.

    A worker that is at it does its part. Raises CommandError when players are left, and
    when it is interrupted: then workers go on.
    """
    job = waiting.start(wake=False)
    before = dict(job.result) if job else {}
    try:
        with tqdm(desc="Rating again", unit="player", disable=quiet) as bar:
            job = waiting.run_here(lambda each: show(each, bar))
    except KeyboardInterrupt:
        text = f"Interrupted. {left()}"
        raise CommandError(text, returncode=INTERRUPTED) from None
    if job is None:
        return Rerated(0, 0)
    if job.state != State.DONE:
        raise CommandError(f"The job {control.in_words(job.state)}. {left()}")
    if PlayerToRerate.objects.exists():
        raise CommandError(f"Some could not be rated: the log has it. {left()}")
    names = ("profiles", "scores")
    return Rerated(*(job.result.get(name, 0) - before.get(name, 0) for name in names))


def show(job: Job, bar: tqdm) -> None:
    bar.total, bar.n = job.total, job.done
    bar.refresh()


def waiting_text(players: int) -> str:
    """As in "2 players wait to be rated again"."""
    waits = "waits" if players == 1 else "wait"
    return f"{count_of(players, 'player')} {waits} to be rated again"


def changed_text(rerated: Rerated) -> str:
    """As in "12 scores changed in 2 profiles"."""
    scores = count_of(rerated.scores_changed, "score")
    return f"{scores} changed in {count_of(rerated.profiles, 'profile')}"


def left() -> str:
    """How many players wait, and who goes on with them."""
    count = PlayerToRerate.objects.values("user").distinct().count()
    return (
        f"{waiting_text(count)}: workers go on with them, or rerate_scores --waiting."
    )
