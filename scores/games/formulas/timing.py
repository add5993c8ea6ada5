"""The optional metrics of every game: how far off the beat, and how long unbroken."""

from scores.rules.metrics import integer

TIMING = {
    "fast": integer("Count of non-perfect hits that were early."),
    "slow": integer("Count of non-perfect hits that were late."),
    "maxCombo": integer("Longest combo of the play."),
}
