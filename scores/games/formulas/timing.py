"""The optional metrics that nearly all games have: timing and longest combo."""

from scores.rules.metrics import integer

TIMING = {
    "fast": integer("Count of non-perfect hits that were early."),
    "slow": integer("Count of non-perfect hits that were late."),
    "maxCombo": integer("Longest combo of the play."),
}
