"""JSON columns that go from the database to the wire as the text they are kept as.

Parsing 10,000 scores only to print them again is most of the cost of a big import.
"""

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast


def json_text(column: str) -> Cast:
    """The JSON column as text, on both databases."""
    return Cast(column, TextField())


def plain(document: dict) -> dict:
    """The document with everything in it parsed, as a client gets it."""
    return orjson.loads(orjson.dumps(document))
