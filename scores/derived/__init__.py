"""Everything that is a function of the facts: ratings, sessions, bests, profiles.
The only code that writes derived rows."""
