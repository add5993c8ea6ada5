"""Hooks of Schemathesis: what it cannot make up by itself.

A document that is made up has no score of a known chart. Some are therefore one of the
sample's, with another score each: so imports complete, and there is something to poll,
to read and to revert.
"""

import json

import schemathesis

from tests.demo import SAMPLE

DOCUMENT = json.loads(SAMPLE.read_text(encoding="utf-8"))
BEST = 10_000_000


@schemathesis.hook.apply_to(path="/ir/direct-manual/import", method="POST")
def map_body(context, body):
    """Three documents of four are of the sample, and have one new score."""
    number = hash(json.dumps(body, sort_keys=True, default=str))
    if number % 4 == 0:
        return body
    first = {**DOCUMENT["scores"][0], "score": number % BEST}
    return {**DOCUMENT, "scores": [first, *DOCUMENT["scores"][1:]]}
