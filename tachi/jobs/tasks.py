"""What the cluster runs: one turn of a job."""

from tachi.jobs import leases, run


def run_job(pk: int) -> None:
    """Run a job for its turn, if it is free: a second wake-up does nothing."""
    if job := leases.take(pk):
        run.run(job)
