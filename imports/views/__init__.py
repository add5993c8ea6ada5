"""The API's endpoints for sending, polling, reading and reverting imports.
Permission, input, verb, document: no rules."""
