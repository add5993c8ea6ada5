"""Hooks of Schemathesis: what it cannot make up by itself.

A document that is made up has no score of a known chart. Some are therefore one of the
sample's, with another score each: so imports complete, and there is something to poll,
to read and to revert.
"""

import json
import random

import schemathesis

from tests.demo import SAMPLE

DOCUMENT = json.loads(SAMPLE.read_text(encoding="utf-8"))
BEST = 10_000_000
CHANCE = random.SystemRandom()  # Hypothesis begins the usual one anew all the time


@schemathesis.hook.apply_to(path="/ir/direct-manual/import", method="POST")
def map_body(context, body):
    """Three documents of four are of the sample, and have one new score."""
    if CHANCE.random() < 1 / 4:
        return body
    first = {**DOCUMENT["scores"][0], "score": CHANCE.randrange(BEST)}
    return {**DOCUMENT, "scores": [first, *DOCUMENT["scores"][1:]]}
