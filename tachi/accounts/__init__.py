"""Users and their API tokens: who is asking, what they may do, logging in.
Knows nothing of games, scores or imports."""
