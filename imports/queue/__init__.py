"""Getting an import to exactly one worker, whatever dies meanwhile.
Broker, wake-ups, leases, sweep, supervisor."""
