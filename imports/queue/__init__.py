"""How an import gets to exactly one worker, although workers and databases fail:
broker, wake-ups, leases, sweep, supervisor and what it watches."""
