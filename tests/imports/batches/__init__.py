"""Reverts in batches: planned, run by the job, paused, restored."""
