"""The API's endpoints for scores, sessions, charts, games and players.
Permission, input, verb, document: no rules."""
