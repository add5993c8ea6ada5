"""How the API describes itself: shapes of documents as TypedDicts, what an endpoint
answers by one decorator, and what drf-spectacular makes of both."""

from tachi.api.openapi.answers import Answers, answers
from tachi.api.openapi.shapes import Fields, Keywords, Milliseconds, Shapes, others

__all__ = [
    "Answers",
    "Fields",
    "Keywords",
    "Milliseconds",
    "Shapes",
    "answers",
    "others",
]
