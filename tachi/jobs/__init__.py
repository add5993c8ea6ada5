"""Long work in small pieces: a row with a lease, progress, pause and cancel.

A kind of job is a function `step(job) -> more` in `settings.JOBS`, which does a piece
of the work, well below a second of it, and in the same transaction calls `leases.store`
with where it is. So whatever is killed, nothing is done twice, and nothing is left out.
"""
